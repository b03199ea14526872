import type { Duplex } from 'node:stream'

/** Milliseconds between two looks at a connection whose client has ended its half. */
const LOOK = 5_000

const NOTHING = Buffer.alloc(0)

/**
 * Has a connection closed whose client has gone altogether after it had ended its half: nothing tells these apart before something is
 * written to it, and a container may be silent for ever. Writing nothing is enough for the kernel to say that nobody is there.
 */
export function watchHalfClosed(connection: Duplex, every: number = LOOK): void {
  const look = (): void => {
    const timer = setInterval(() => {
      if (connection.writable) connection.write(NOTHING)
    }, every)
    timer.unref()
    connection.once('close', () => clearInterval(timer))
  }
  if (connection.destroyed) return
  if (connection.readableEnded) look()
  else connection.once('end', look)
}
