import type { Duplex } from 'node:stream'

/** Bytes of a head that are looked at; Docker's clients send less than a hundredth before their credentials. */
const LIMIT = 64 * 1024
/** Milliseconds for a head. */
const TIME = 10_000

/** As much as has come when the first head of a connection is whole, and maybe more; undefined where none comes. */
export function readHead(connection: Duplex): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    let head = Buffer.alloc(0)
    const done = (result: Buffer | undefined): void => {
      clearTimeout(timer)
      connection.off('readable', read).off('end', cut).off('close', cut)
      resolve(result)
    }
    const cut = (): void => done(undefined)
    const next = (): Buffer | null => connection.read() as Buffer | null
    const read = (): void => {
      for (let chunk = next(); chunk !== null; chunk = next()) head = Buffer.concat([head, chunk])
      if (head.includes('\r\n\r\n')) done(head)
      else if (head.length > LIMIT) done(undefined)
    }
    const timer = setTimeout(cut, TIME)
    connection.on('readable', read).on('end', cut).on('close', cut)
  })
}
