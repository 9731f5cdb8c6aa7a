import { SingleBar } from 'cli-progress'

export interface Progress {
  /** @param fraction of the whole that is done; @param count of what has been done so far */
  readonly update: (fraction: number, count: number) => void
  /** Takes the bar off the screen. */
  readonly stop: () => void
}

/** Work that is done by then shows nothing. */
const SHOW_AFTER_MS = 300

/** Between two lines where there is no terminal to draw a bar on. */
const PLAIN_EVERY_MS = 5000

/** The first moments say nothing about the rest: starting takes its time. */
const ESTIMATE_AFTER_S = 2

const BAR_WIDTH = 30

/**
 * Shows how far long work has come, with its rate and the time left: a bar on a terminal, else a line now and then.
 * @param unit what is counted, `votes` say
 */
export function showProgress(unit: string, stderr: NodeJS.WriteStream): Progress {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const tail = (fraction: number, count: number) => describe(unit, fraction, count, elapsed())
  return stderr.isTTY ? drawnBar(stderr, elapsed, tail) : plainLines(stderr, elapsed, tail)
}

type Tail = (fraction: number, count: number) => string

function drawnBar(stderr: NodeJS.WriteStream, elapsed: () => number, tail: Tail): Progress {
  let bar: SingleBar | undefined
  return {
    update: (fraction, count) => {
      if (!bar && elapsed() < SHOW_AFTER_MS) return
      bar ??= startBar(stderr, tail)
      bar.update(fraction, { count })
    },
    stop: () => bar?.stop(),
  }
}

function startBar(stderr: NodeJS.WriteStream, tail: Tail): SingleBar {
  const bar = new SingleBar({
    format: (_, { progress }, { count }) => {
      const done = Math.round(progress * BAR_WIDTH)
      const drawn = '█'.repeat(done) + '░'.repeat(BAR_WIDTH - done)
      return `${drawn} ${Math.floor(progress * 100)} %  ${tail(progress, count)}`
    },
    stream: stderr,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the command's matter.
    gracefulExit: false,
  })
  bar.start(1, 0, { count: 0 })
  return bar
}

function plainLines(stderr: NodeJS.WriteStream, elapsed: () => number, tail: Tail): Progress {
  let next = PLAIN_EVERY_MS
  return {
    update: (fraction, count) => {
      if (elapsed() < next) return
      next = elapsed() + PLAIN_EVERY_MS
      stderr.write(`${Math.floor(fraction * 100)} %  ${tail(fraction, count)}\n`)
    },
    stop: () => {},
  }
}

/** `12,345 votes, 4,100/s, 3 s left` */
export function describe(unit: string, fraction: number, count: number, elapsedMs: number): string {
  const seconds = elapsedMs / 1000
  const rate = seconds > 0 ? Math.round(count / seconds) : 0
  const isKnown = seconds >= ESTIMATE_AFTER_S && fraction > 0 && fraction < 1
  const left = isKnown ? `, ${duration((seconds * (1 - fraction)) / fraction)} left` : ''
  return `${group(count)} ${count === 1 ? unit.replace(/s\b/, '') : unit}, ${group(rate)}/s${left}`
}

/** `12,345` */
export const group = (value: number): string => value.toLocaleString('en')

/** `1 submission`, `2 submissions` */
export const counted = (value: number, noun: string): string =>
  `${group(value)} ${noun}${value === 1 ? '' : 's'}`

/** `2 h 05 min`, `1 min 30 s`, `4 s` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
