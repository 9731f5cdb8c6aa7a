/** A half-filled form, kept in this tab alone: for as long as its token is the form's, which a submission uses up. */
const key = (form) => `draft ${new URL(form.action).pathname.replace(/^\/(en|es)(?=\/)/, '')}`

/** @param {HTMLFormElement} form @param {object} draft */
export function keepDraft(form, draft) {
  try {
    sessionStorage.setItem(key(form), JSON.stringify({ ...draft, token: form.elements.token.value }))
  } catch {}
}

/** @param {HTMLFormElement} form */
export function findDraft(form) {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key(form)))
    return draft?.token === form.elements.token.value ? draft : undefined
  } catch {
    return undefined
  }
}

/** @param {HTMLFormElement} form */
export function dropDraft(form) {
  try {
    sessionStorage.removeItem(key(form))
  } catch {}
}
