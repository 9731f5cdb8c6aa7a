import type { ProseSection } from '../prose.ts'
import { link, rich, strong } from '../rich.ts'

interface Places {
  readonly history: string
  readonly method: string
  readonly results: string
}

/** What is kept of people. */
export const privacy = {
  title: 'Privacy',
  description: 'What this poll keeps of you: your split and its time. No name, no address.',
  heading: 'What we keep, and what we do not',
  lead: 'Your split and its time. No name, no address, nothing about your device.',
  sections: ({ history, method, results }: Places): readonly ProseSection[] => [
    {
      id: 'kept',
      heading: 'What is kept of a submission',
      blocks: [
        {
          list: [
            rich`${strong('Your split')}: how much you give to each category; and what it was before, if you change it.`,
            rich`${strong('When')} it was sent, changed or withdrawn.`,
            rich`${strong('How it came')}: by the form, by a program, or from a file.`,
            rich`${strong('Two things about the form')}, to see whether they sway people: in which order it showed the categories, and whether the results had been looked at before.`,
            rich`${strong('A fingerprint of your receipt')} (SHA-256). The receipt itself is not stored: we can check it when you bring it, and cannot give it to anybody, nor find it again for you.`,
          ],
        },
        {
          text: rich`All this is kept for good, because every number must be possible to recount. Nothing in it says who you are.`,
        },
      ],
    },
    {
      id: 'not-kept',
      heading: 'What is not kept',
      blocks: [
        {
          list: [
            rich`No name, no e-mail, no account, no free text.`,
            rich`No network address (IP) and nothing about your browser or device, in no record and in no log file of this service. Like any page this one is carried by a network: who runs it, or a provider in between, may see that you were here, though not what you sent, if the address begins with https.`,
            rich`No third parties: these pages load nothing from anybody else, and nobody is told that you were here. No advertising, no counting of visitors.`,
          ],
        },
      ],
    },
    {
      id: 'published',
      heading: 'What everybody can see',
      blocks: [
        {
          text: rich`The results, and the single submissions behind them: each split with its times, its position in the record, and a pseudonym. The pseudonym is made of the receipt, and nothing in a row leads to the submission’s page. The other way it does: whoever has the address of the page sees the split and its times there, and finds its row by them. ${link('The files', `${results}#downloads`)} are for recounting: ${link('how', `${method}#recount`)}.`,
        },
        {
          text: rich`The page of a submission can be opened by everybody who has its address. The address cannot be guessed and stands in no list; if you share it, your split is shared, with its times, what it was before you changed it, and its row in the files.`,
        },
      ],
    },
    {
      id: 'device',
      heading: 'What your browser keeps',
      blocks: [
        {
          list: [
            rich`The receipt of what you have just sent, for one hour, in a cookie (receipt).`,
            rich`Your submissions and their receipts, for a year, in a cookie (remembered), if you ask for it in the form. ${link('See the list, and make it forget', history)}`,
            rich`A random number for your form, so that what is sent twice counts once; whether you have seen the results; and the number of what you sent last: until you close the browser, in a cookie (forms).`,
            rich`A form that is half filled in (draft), in its own tab, until it is sent or the tab is closed. It is sent to us to be reviewed, and comes back: before you submit it, we keep nothing of it.`,
            rich`That a tab has shown the results (seen), until it is closed; and that you like to have sliders (sliders), until you hide them.`,
          ],
        },
        {
          text: rich`Only this site can read any of it. There is nothing else, and nothing that follows you.`,
        },
      ],
    },
    {
      id: 'rights',
      heading: 'Changing your mind',
      blocks: [
        {
          text: rich`With the receipt you can change your split as long as the poll is open, or withdraw it: from then on it does not count, and neither its page nor new files show it. Yet the record forgets nothing: what you had sent stays in it, so that earlier results can be recounted, and it can be seen by whoever asks for a moment at which it counted. Without the receipt nobody can do either, we included, because nothing tells us which one is yours.`,
        },
      ],
    },
  ],
}
