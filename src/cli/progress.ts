import { SingleBar } from 'cli-progress'

export interface Progress {
  /** @param fraction of the whole that is done; @param count of what has been done so far */
  readonly update: (fraction: number, count: number) => void
  /** Takes the bar off the screen. */
  readonly stop: () => void
}

/** Between two lines where there is no terminal to draw a bar on. */
const PLAIN_EVERY_MS = 5000

const BAR_WIDTH = 30

/**
 * Shows how far long work has come, with its rate and the time left: a bar on a terminal, else a line now and then.
 * @param unit what is counted, `votes` say
 */
export function showProgress(
  unit: string,
  stderr: NodeJS.WriteStream,
  now: () => number = Date.now,
): Progress {
  const started = now()
  const tail = (fraction: number, count: number) => describe(unit, fraction, count, now() - started)
  return stderr.isTTY ? drawnBar(stderr, tail) : plainLines(stderr, tail, now)
}

type Tail = (fraction: number, count: number) => string

function drawnBar(stderr: NodeJS.WriteStream, tail: Tail): Progress {
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
  return { update: (fraction, count) => bar.update(fraction, { count }), stop: () => bar.stop() }
}

function plainLines(stderr: NodeJS.WriteStream, tail: Tail, now: () => number): Progress {
  let last = now()
  return {
    update: (fraction, count) => {
      if (now() - last < PLAIN_EVERY_MS) return
      last = now()
      stderr.write(`${Math.floor(fraction * 100)} %  ${tail(fraction, count)}\n`)
    },
    stop: () => {},
  }
}

/** `12,345 votes, 4,100/s, 3 s left` */
export function describe(unit: string, fraction: number, count: number, elapsedMs: number): string {
  const seconds = elapsedMs / 1000
  const rate = seconds > 0 ? Math.round(count / seconds) : 0
  const left = fraction > 0 && fraction < 1 ? `, ${duration((seconds * (1 - fraction)) / fraction)} left` : ''
  return `${group(count)} ${unit}, ${group(rate)}/s${left}`
}

/** `12,345` */
export const group = (value: number): string => value.toLocaleString('en')

/** `2 h 05 min`, `1 min 30 s`, `4 s` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
