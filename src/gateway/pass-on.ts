import type { Duplex } from 'node:stream'
import { watchHalfClosed } from '../api/server/half-closed.ts'

/** Opens a connection to the engine. */
export type Dial = () => Promise<Duplex>

/** Milliseconds that a client is given to take the last bytes of an engine that has let go of it, and to let go, too. */
const LINGER = 5_000

/**
 * Passes a client's bytes on to the engine and back, as they are: a gateway that does not read them can not get them wrong. Each
 * half of the connection ends by itself, which is how the input of a process ends. Rejects where no engine is to be had.
 */
export async function passOn(client: Duplex, dial: Dial): Promise<void> {
  // What goes wrong with a client is its end: 'close' follows.
  client.on('error', () => undefined)
  let engine: Duplex
  try {
    engine = await dial()
  } catch (error) {
    client.destroy()
    throw error
  }
  engine.on('error', () => undefined)
  if (client.destroyed) {
    engine.destroy()
    return
  }
  client.once('close', () => engine.destroy())
  engine.once('close', () => letGo(client, engine.readableEnded))
  client.pipe(engine).pipe(client)
  watchHalfClosed(client)
}

/** A connection that is closed while bytes wait to be read is reset, and the other end loses what it has not read yet. */
function letGo(client: Duplex, isWhole: boolean): void {
  if (client.destroyed) return
  if (!isWhole) {
    client.destroy()
    return
  }
  client.unpipe()
  client.end()
  client.resume()
  const timer = setTimeout(() => client.destroy(), LINGER)
  client.once('close', () => clearTimeout(timer))
  client.once('end', () => client.destroy())
}
