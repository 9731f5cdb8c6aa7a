import type { PollDefinition } from '../../src/events/poll-events.ts'

const labels = [
  'Roads, pavements, cycle paths and the bridges over the river',
  'Schools & <nurseries>',
  'Supercalifragilisticexpialidocious-Gesellschaftsverwaltung',
  'Parks "and" playgrounds',
  'Łódź',
]

/** A poll of so many categories, with labels of all kinds. */
export const pollOf = (poll: string, title: string, categories: number): PollDefinition => ({
  ...{ poll, title, step: 100, baselines: [] },
  categories: Array.from({ length: categories }, (_, index) => ({
    id: `c${index}`,
    label: index < labels.length ? labels[index]! : `Category number ${index}`,
    description: '',
    colour: '#2b6cb0',
  })),
})

export const longTitle =
  'How should the town of Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch and all of its neighbouring villages divide the money that is left over at the end of this year and of the next?'
