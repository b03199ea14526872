import { expect, test } from 'vitest'
import { logName } from '../../project/containers.ts'
import { LogPrinter } from './log-printer.ts'

function collect(options: { color?: boolean; prefix?: boolean; isTTY?: boolean } = {}) {
  const written = { stdout: '', stderr: '' }
  const sink = (stream: 'stdout' | 'stderr') => ({
    isTTY: options.isTTY ?? false,
    write: (text: string) => {
      written[stream] += text
    },
  })
  const printer = new LogPrinter({
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    color: options.color ?? false,
    prefix: options.prefix ?? true,
  })
  return { printer, written }
}

test('names are aligned to the longest that is known', () => {
  const { printer, written } = collect()
  printer.register('web-1')
  printer.register('database-1')
  printer.write('web-1', 'stdout', Buffer.from('hello\n'))
  expect(written.stdout).toBe('web-1       | hello\n')
})

test('bytes are kept until their newline, so that containers never share a line', () => {
  const { printer, written } = collect({ prefix: false })
  printer.write('a', 'stdout', Buffer.from('one '))
  printer.write('b', 'stdout', Buffer.from('other\n'))
  printer.write('a', 'stdout', Buffer.from('line\nlast'))
  expect(written.stdout).toBe('other\none line\n')
  printer.end('a')
  expect(written.stdout).toBe('other\none line\nlast\n')
})

test('a line of some megabytes is one', () => {
  const { printer, written } = collect({ prefix: false })
  const piece = Buffer.alloc(1 << 20, 'x')
  for (let at = 0; at < 3; at += 1) printer.write('a', 'stdout', piece)
  printer.write('a', 'stdout', Buffer.from('\n'))
  expect([written.stdout.length, written.stdout.indexOf('\n')]).toEqual([(3 << 20) + 1, 3 << 20])
})

test('a character cut in two arrives whole', () => {
  const { printer, written } = collect({ prefix: false })
  const bytes = Buffer.from('é\n')
  printer.write('a', 'stdout', bytes.subarray(0, 1))
  printer.write('a', 'stdout', bytes.subarray(1))
  expect(written.stdout).toBe('é\n')
})

test('standard output and standard error stay apart', () => {
  const { printer, written } = collect({ prefix: false })
  printer.write('a', 'stderr', Buffer.from('bad\n'))
  printer.write('a', 'stdout', Buffer.from('good\n'))
  expect(written).toEqual({ stdout: 'good\n', stderr: 'bad\n' })
})

test('on a terminal escape sequences are shown, in a pipe they pass', () => {
  const terminal = collect({ isTTY: true, prefix: false })
  terminal.printer.write('a', 'stdout', Buffer.from('\x1b[2Jx\n'))
  expect(terminal.written.stdout).toBe('^[[2Jx\n')
  const pipe = collect({ prefix: false })
  pipe.printer.write('a', 'stdout', Buffer.from('\x1b[2Jx\n'))
  expect(pipe.written.stdout).toBe('\x1b[2Jx\n')
})

test('the name in front is without the project', () => {
  expect(logName('/lamp-web-1', 'lamp')).toBe('web-1')
  expect(logName('/other', 'lamp')).toBe('other')
})
