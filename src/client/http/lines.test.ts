import { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type Line, Lines } from './lines.ts'
import type { Wire } from './wire.ts'

/** A connection that the test makes what it wants of. */
class OpenWire extends Duplex implements Wire {
  override _read(): void {}
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

function dearLines(): { readonly lines: Lines; readonly begun: OpenWire[] } {
  const begun: OpenWire[] = []
  const connect = (): Wire => {
    const wire = new OpenWire()
    wire.on('error', () => undefined)
    begun.push(wire)
    return wire
  }
  return { lines: new Lines(connect, undefined, () => 'dear'), begun }
}

/** All that can happen without anybody's doing has happened. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('connections that are dear', () => {
  test('are begun one at a time', async () => {
    const { lines, begun } = dearLines()
    const calls = [1, 2, 3].map(() => lines.take(true))
    await settled()
    expect(begun).toHaveLength(1)
    begun[0]?.emit('connect')
    await settled()
    expect(begun).toHaveLength(2)
    begun[1]?.emit('connect')
    expect(new Set((await Promise.all(calls)).map(({ socket }) => socket)).size).toBe(3)
  })

  test('are waited for while another is begun, and taken as they come free', async () => {
    const { lines, begun } = dearLines()
    const first = await lines.take(true)
    begun[0]?.emit('connect')
    await lines.take(true)
    const third = lines.take(true)
    await settled()
    lines.give(first.socket)
    expect(await third).toEqual({ socket: first.socket, isKept: true } satisfies Line)
    expect(begun).toHaveLength(2)
  })

  test('that cannot be made are tried for nobody else who waits', async () => {
    const { lines, begun } = dearLines()
    await lines.take(true)
    const waiting = [lines.take(true), lines.take(true)]
    begun[0]?.destroy(new Error('Host key verification failed'))
    for (const each of waiting) await expect(each).rejects.toThrow('Host key verification failed')
    expect(begun).toHaveLength(1)
  })

  test('are waited for no longer when all is over', async () => {
    const { lines } = dearLines()
    await lines.take(true)
    const waiting = lines.take(true)
    await settled()
    lines.destroy()
    await expect(waiting).rejects.toThrow('broke off')
  })
})
