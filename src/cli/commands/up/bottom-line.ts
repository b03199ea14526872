import type { Streams } from '../../command.ts'

/** Goes to the first column, and empties the line there. */
const CLEAR = '\r\x1b[2K'

/** A line of ours that stays below all that a command writes to its terminal. */
export interface BottomLine {
  /** What the command has to write to in the meantime. */
  readonly streams: Streams
  /** Shows this, in the place of what was there; an empty text takes it away. */
  show(text: string): void
}

/**
 * Keeps a line below the output: each piece of it takes the line's place, and the line is drawn again behind the piece, once that has
 * ended with a newline. A stream that is no terminal, as standard error of which somebody makes a file, is left alone.
 */
export function bottomLine(streams: Streams): BottomLine {
  const { stdin, stdout, stderr } = streams
  let shown = ''
  let isDrawn = false
  const draw = (): string => {
    isDrawn = shown !== ''
    return shown
  }
  const around = (text: string): string => {
    const before = isDrawn ? CLEAR : ''
    isDrawn = false
    return before + text + (text.endsWith('\n') ? draw() : '')
  }
  return {
    streams: {
      stdin,
      stdout: writing(stdout, around),
      stderr: stderr.isTTY ? writing(stderr, around) : stderr,
    },
    show: text => {
      const before = isDrawn ? CLEAR : ''
      shown = text
      stdout.write(before + draw())
    },
  }
}

/** The same stream, but for the texts that are written to it. */
function writing(stream: NodeJS.WriteStream, around: (text: string) => string): NodeJS.WriteStream {
  const write = (text: string | Uint8Array, ...rest: []): boolean =>
    stream.write(typeof text === 'string' && text !== '' ? around(text) : text, ...rest)
  return new Proxy(stream, {
    get: (target, key) => {
      if (key === 'write') return write
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
