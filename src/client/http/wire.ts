import type { Duplex } from 'node:stream'

/** What a call needs of a connection: a socket has it, and so have the streams of a program that leads to one. */
export interface Wire extends Duplex {
  /** Milliseconds without a byte until `timeout` is emitted; 0: never. */
  setTimeout(milliseconds: number): this
  ref(): this
  unref(): this
}
