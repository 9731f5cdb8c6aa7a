/** How a page says whether it moves with the results. */
export const live = {
  still: 'Load the page again for newer numbers.',

  /** For `public/live.js`. */
  script: {
    live: 'Live, updated {time}',
    polling: 'Checked every {seconds} seconds, updated {time}',
    lost: 'Not live: trying again. As of {time}',
    paused: 'Paused. As of {time}',
    outdated: 'There is a newer version of this page: load it again',
    pause: 'Pause',
    goOn: 'Go on',
    counted: { one: '{number} submission is counted.', other: '{number} submissions are counted.' },
  },
}
