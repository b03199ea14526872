import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Streams } from '../../command.ts'
import { ownSignals } from '../../signals.ts'
import { bottomLine } from './bottom-line.ts'
import { Menu, menuText } from './menu.ts'

/** A terminal that keeps what is written, and whether it gives single keys. */
function makeTerminal(columns = 80): { streams: Streams; written: () => string; raw: () => boolean } {
  let isRaw = false
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => {
      isRaw = on
    },
  })
  const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns })
  let text = ''
  stdout.on('data', (piece: string) => {
    text += piece
  })
  const streams = { stdin, stdout, stderr: new PassThrough() } as unknown as Streams
  return { streams, written: () => text, raw: () => isRaw }
}

describe('the line below the output', () => {
  test('gives way to each piece of output, and comes back behind its newline', () => {
    const { streams, written } = makeTerminal()
    const line = bottomLine(streams)
    line.show('KEYS')
    line.streams.stdout.write('one\ntw')
    line.streams.stdout.write('o\n')
    line.show('')
    expect(written()).toBe('KEYS\r\x1b[2Kone\ntwo\nKEYS\r\x1b[2K')
  })

  test('leaves a stream alone that is no terminal', () => {
    const { streams } = makeTerminal()
    expect(bottomLine(streams).streams.stderr).toBe(streams.stderr)
  })
})

describe('the menu', () => {
  test('has as many keys as the row has room for', () => {
    const keys = ['w', 'd'].map(key => ({ key, label: () => 'label' }))
    const plain = (columns: number): string => menuText(keys, columns).replaceAll(/\x1b\[\dm/g, '')
    expect(plain(80)).toBe('w label   d label')
    expect(plain(17)).toBe('w label')
    expect(plain(3)).toBe('')
  })

  test('does what its keys say, and gives the terminal back when it is closed', async () => {
    const { streams, written, raw } = makeTerminal()
    const menu = new Menu({ streams, signals: ownSignals })
    let presses = 0
    const press = (): void => {
      presses += 1
    }
    menu.open([{ key: 'w', label: () => `pressed ${presses}`, press }])
    expect(raw()).toBe(true)
    streams.stdin.emit('data', Buffer.from('wxw'))
    await expect.poll(written).toContain('pressed 2')
    menu.close()
    expect(raw()).toBe(false)
    expect(written().endsWith('\r\x1b[2K')).toBe(true)
  })
})
