import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Writable } from 'node:stream'

/** How many times as often what is counted is done: `CLIENT_ROUNDS=20` is thousands. */
export const rounds = Number(process.env.CLIENT_ROUNDS ?? 1)

/** Milliseconds of one step, on a busy machine too. */
const LONGEST = 60_000 * rounds

/** What `npm install --prefix FOLDER` has put there. */
export const from = folder => createRequire(join(folder, 'script.js'))

/** Does one step after the other, and prints which of them failed, and why: `[{ "name", "error" }]`. */
export async function doSteps(steps) {
  const failed = []
  process.on('uncaughtException', error => failed.push({ name: 'uncaught', error: String(error) }))
  for (const [name, step] of Object.entries(steps)) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('too late')), LONGEST)
    })
    try {
      await Promise.race([step(), late])
    } catch (error) {
      failed.push({ name, error: String(error?.stack ?? error) })
    }
    clearTimeout(timer)
  }
  process.stdout.write(`${JSON.stringify({ done: Object.keys(steps).length, failed })}\n`, () =>
    process.exit(0),
  )
}

/** Counts and keeps what is written. */
export class Sink extends Writable {
  text = ''

  _write(chunk, _encoding, callback) {
    this.text += chunk.toString('latin1')
    callback()
  }
}

/** What a call answered, or the status that it was refused with. */
export async function statusOf(promise) {
  try {
    await promise
    return 200
  } catch (error) {
    return error.statusCode ?? String(error)
  }
}
