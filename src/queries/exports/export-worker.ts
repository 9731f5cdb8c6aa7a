/** Makes exports in a thread of its own, all that are wanted side by side. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { SubmissionRowsStore } from '../../projections/submission-rows/submission-rows-store.ts'
import { yieldToOthers } from '../../threads/low-priority.ts'
import { trustAuthorities } from '../../trusted-authorities.ts'
import {
  type ExportWorkerData,
  type FileMessage,
  type FileWanted,
  failureOf,
  PIECE_BYTES,
  PIECES_AHEAD,
  Places,
} from './export-messages.ts'
import { FilesHere } from './files.ts'

const { databaseUrl, tlsCa } = workerData as ExportWorkerData
trustAuthorities(tlsCa)
yieldToOthers('a little')
const files = new FilesHere(SubmissionRowsStore.open(databaseUrl))

parentPort!.on('message', (wanted: FileWanted) => void make(wanted))

async function make({ moment, format, port, places }: FileWanted): Promise<void> {
  const stop = new AbortController()
  const say = (message: FileMessage) => port.postMessage(message)
  const pieces = new Places(places)
  let room = PIECES_AHEAD
  port.on('message', () => room++)
  port.once('close', () => stop.abort(new Error('nobody wants it any more')))
  try {
    const file = await files.make(moment, format, stop.signal)
    say({ begun: true })
    for await (const chunk of file.chunks)
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        while (room === 0) await once(port, 'message', { signal: stop.signal })
        room--
        const piece = chunk.subarray(at, at + PIECE_BYTES)
        pieces.put(piece)
        say({ bytes: piece.length, rows: file.rows() })
      }
    say({ sha256: file.sha256()!, rows: file.rows() })
  } catch (error) {
    say({ failure: failureOf(error) })
  } finally {
    stop.abort()
    port.close()
  }
}
