/** The languages of the pages, the first where nobody says otherwise; each has a catalogue of the same name here. */
export const languages = ['en', 'es'] as const
export type Language = (typeof languages)[number]

/** What the language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' }
