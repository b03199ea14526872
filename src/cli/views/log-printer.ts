import { terminalText } from '../../diagnostics/index.ts'
import { LineCutter } from '../../project/logs/line-cutter.ts'
import type { LogSink } from '../../project/logs/log-sink.ts'
import { type LogStream, type OutputSink, roomIn } from '../../project/logs/output-stream.ts'

/** Where log lines go and how they look. */
export interface LogPrinterOptions {
  readonly stdout: OutputSink
  readonly stderr: OutputSink
  readonly color: boolean
  readonly prefix: boolean
  /** Put in front of each line as it is printed: `--timestamps` of an attached `up`. */
  readonly clock?: () => string
}

/** Characters after which a line without an end is printed as one: nothing that a container writes may fill our memory. */
const LONGEST_LINE = 1 << 26

/** Compose's cycle: cyan yellow green magenta blue, then the bright ones. */
const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94] as const

/**
 * Prints the lines of many containers, each behind its aligned, coloured name. Whole lines only: the bytes of a stream
 * are kept until their newline, so that two containers never share a line.
 */
export class LogPrinter implements LogSink {
  readonly #options: LogPrinterOptions
  readonly #names: string[] = []
  #room: Promise<void> | undefined
  readonly #pending = new Map<string, LineCutter>()

  constructor(options: LogPrinterOptions) {
    this.#options = options
  }

  /** Names a container before its first line; the order of naming decides colours, the longest name the width. */
  register(name: string): void {
    if (!this.#names.includes(name)) this.#names.push(name)
  }

  /** Bytes of one stream of one container, cut anywhere. */
  write(name: string, stream: LogStream, bytes: Buffer): void {
    this.register(name)
    const key = `${name} ${stream}`
    const pending = this.#pending.get(key) ?? new LineCutter()
    this.#pending.set(key, pending)
    const lines = pending.push(bytes)
    if (pending.length >= LONGEST_LINE) lines.push(pending.take())
    if (lines.length > 0) this.#print(name, stream, lines)
  }

  /** Whole lines, without their newlines. */
  lines(name: string, stream: LogStream, lines: readonly string[]): void {
    this.register(name)
    this.#print(name, stream, lines)
  }

  /** Forgets the beginning of a line whose rest will not come: it comes again whole. */
  forget(name: string): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#pending.delete(`${name} ${stream}`)
  }

  /** Resolves when more can be printed; undefined while it can. */
  room(): Promise<void> | undefined {
    const { stdout, stderr } = this.#options
    // One promise for all containers: forty of them must not add forty listeners.
    this.#room ??= roomIn(stdout === stderr ? [stdout] : [stdout, stderr])?.then(() => {
      this.#room = undefined
    })
    return this.#room
  }

  /** A container ended: what it wrote without a last newline is a line, too. */
  end(name: string): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const key = `${name} ${stream}`
      const text = this.#pending.get(key)?.end() ?? ''
      this.#pending.delete(key)
      if (text !== '') this.#print(name, stream, [text])
    }
  }

  /** A line of ours about a container, `exited with code 0`. */
  status(name: string, message: string): void {
    this.register(name)
    this.#options.stdout.write(`${this.#paint(name, `${name} ${message}`)}\n`)
  }

  #print(name: string, stream: LogStream, lines: readonly string[]): void {
    const sink = this.#options[stream]
    const prefix = this.#options.prefix ? this.#prefix(name) : ''
    const shown = sink.isTTY ? lines.map(terminalText) : lines
    const time = this.#options.clock ? `${this.#options.clock()} ` : ''
    sink.write(`${shown.map(line => prefix + time + line).join('\n')}\n`)
  }

  #prefix(name: string): string {
    const width = Math.max(...this.#names.map(other => other.length))
    return this.#paint(name, `${name.padEnd(width)}  | `)
  }

  #paint(name: string, text: string): string {
    if (!this.#options.color) return text
    const code = COLORS[this.#names.indexOf(name) % COLORS.length]
    return `\x1b[${code}m${text}\x1b[0m`
  }
}
