/** What this device remembers. */
export const history = {
  heading: 'Your submissions on this device',
  empty: 'This device remembers none. Tick ‘Remember on this device’ when you submit, and you find it here.',
  lead: 'Only this browser knows that they are yours.',
  status: { counted: 'counted', withdrawn: 'withdrawn', excluded: 'excluded' },
  unreadable: 'A submission that cannot be read at the moment',
  aboutForgetting:
    'Forgetting removes this list and its receipts from this browser. The submissions stay as they are, and you can no longer change them from here.',
  forget: 'Forget them all',
}
