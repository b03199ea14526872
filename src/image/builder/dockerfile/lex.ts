import type { Diagnostic, Range } from '../../../diagnostics/index.ts'
import { type CheckDirective, parseCheck } from './check-directive.ts'
import { heredocsOf, keepsHeredocs } from './heredocs.ts'
import type { Heredoc } from './instruction.ts'
import { SPACES } from './words.ts'

/** An instruction as text: continuations joined, comments dropped, heredocs read. */
export interface LogicalLine {
  /** Upper case. */
  readonly keyword: string
  /** As it is written. */
  readonly written: string
  /** What follows the keyword, without its heredocs' content. */
  readonly rest: string
  readonly heredocs: readonly Heredoc[]
  readonly range: Range
  /** Comments right above it, without their `#`. */
  readonly comments: readonly string[]
  /** A line within it is empty: it goes on all the same, which is deprecated. */
  readonly hasEmptyLine: boolean
}

/** What a text was taken apart into. */
export interface LexResult {
  readonly lines: readonly LogicalLine[]
  /** The escape character, `\` or a backtick. */
  readonly escapeChar: string
  readonly check: CheckDirective
  readonly diagnostics: readonly Diagnostic[]
}

const DIRECTIVE = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const DIRECTIVES = ['escape', 'syntax', 'check']
const PARTS = new RegExp(`^\\s*([^${SPACES}\n]+)[${SPACES}\n]*(.*?)\\s*$`, 's')
/** Images of Docker's frontend for Dockerfiles, wherever they are copied to. */
const FRONTEND = /^(?:[^\s]+\/)?dockerfile(?:-upstream)?(?:[:@]|$)/
/** Bytes of a line, as Docker has it. */
const MAX_LINE = 65_535

/** Takes a Dockerfile apart into instructions. `file` is its name in diagnostics. */
export function lexDockerfile(text: string, file: string): LexResult {
  return new Lexer(text, file).lex()
}

class Lexer {
  readonly #file: string
  readonly #source: readonly string[]
  readonly #diagnostics: Diagnostic[] = []
  #escapeChar = '\\'
  #check: CheckDirective = parseCheck('')
  #comments: string[] = []
  #at = 0

  constructor(text: string, file: string) {
    this.#file = file
    this.#source = text.replace(/^\uFEFF/, '').split('\n')
  }

  lex(): LexResult {
    this.#lengths()
    this.#directives()
    const lines: LogicalLine[] = []
    while (this.#at < this.#source.length) {
      const line = this.#line(this.#at)
      if (isBlank(line)) this.#blank()
      else if (isComment(line)) this.#comment(line)
      else lines.push(this.#logicalLine())
    }
    return { lines, escapeChar: this.#escapeChar, check: this.#check, diagnostics: this.#diagnostics }
  }

  /** A line of the file without its end. */
  #line(at: number): string {
    return (this.#source[at] ?? '').replace(/\r$/, '')
  }

  #lengths(): void {
    for (const [at, line] of this.#source.entries())
      if (Buffer.byteLength(line) > MAX_LINE)
        this.#error('DOCKERFILE_LINE_TOO_LONG', `line ${at + 1} has more than ${MAX_LINE} bytes`, at)
  }

  /** `# escape=`, `# syntax=` and `# check=` count only before everything else, each once. */
  #directives(): void {
    const seen = new Set<string>()
    for (; this.#at < this.#source.length; this.#at += 1) {
      const [, name, value] = DIRECTIVE.exec(this.#line(this.#at)) ?? []
      const key = name?.toLowerCase()
      if (key === undefined || value === undefined || !DIRECTIVES.includes(key)) return
      if (seen.has(key)) this.#error('DOCKERFILE_DIRECTIVE', `directive "${key}" is given twice`, this.#at)
      seen.add(key)
      if (key === 'escape') this.#setEscape(value)
      if (key === 'syntax') this.#checkSyntax(value)
      if (key === 'check') this.#setCheck(value)
    }
  }

  #setEscape(value: string): void {
    if (value === '\\' || value === '`') this.#escapeChar = value
    else this.#error('DOCKERFILE_DIRECTIVE', `got escape directive "${value}", want \\ or \``, this.#at)
  }

  /** The language of Docker's frontends is all here, in whichever release; what another one would read is not known. */
  #checkSyntax(value: string): void {
    const [image = ''] = value.split(/\s/)
    if (FRONTEND.test(image)) return
    const hint = 'Dockerfiles are built, as by docker/dockerfile:1'
    this.#error('DOCKERFILE_FRONTEND', `frontend "${image}" is not supported`, this.#at, hint)
  }

  #setCheck(value: string): void {
    this.#check = parseCheck(value)
    if (this.#check.problem !== undefined) this.#error('DOCKERFILE_DIRECTIVE', this.#check.problem, this.#at)
  }

  #blank(): void {
    this.#comments = []
    this.#at += 1
  }

  #comment(line: string): void {
    const text = line.trimStart().slice(1).trim()
    if (text === '') this.#comments = []
    else this.#comments.push(text)
    this.#at += 1
  }

  #logicalLine(): LogicalLine {
    const first = this.#at
    const { joined, hasEmptyLine } = this.#joined()
    const [, written = '', rest = ''] = PARTS.exec(joined) ?? []
    const keyword = written.toUpperCase()
    const heredocs = keepsHeredocs(keyword, rest) ? this.#heredocs(rest, first) : []
    const comments = this.#comments
    this.#comments = []
    const range = this.#range(first, this.#at - 1)
    return { keyword, written, rest, heredocs, range, comments, hasEmptyLine }
  }

  /** The lines that belong together, without what is between them. */
  #joined(): { joined: string; hasEmptyLine: boolean } {
    let joined = ''
    let hasEmptyLine = false
    for (let more = true, first = true; more && this.#at < this.#source.length; first = false) {
      const line = this.#line(this.#at)
      this.#at += 1
      if (!first && isComment(line)) continue
      if (!first && isBlank(line)) {
        hasEmptyLine ||= this.#at < this.#source.length
        continue
      }
      const continued = this.#continuation(line)
      joined += continued ?? line
      more = continued !== undefined
    }
    return { joined, hasEmptyLine }
  }

  /** The line without its escape character at the end; undefined when it does not go on. */
  #continuation(line: string): string | undefined {
    const trimmed = line.replace(/[ \t]+$/, '')
    if (!trimmed.endsWith(this.#escapeChar)) return undefined
    const before = trimmed.slice(0, -1)
    return before.endsWith(this.#escapeChar) ? undefined : before
  }

  #heredocs(rest: string, first: number): readonly Heredoc[] {
    return heredocsOf(rest).map(({ name, chomp, expand }) => ({
      name,
      expand,
      content: this.#heredoc(name, chomp, first),
    }))
  }

  #heredoc(name: string, chomp: boolean, first: number): string {
    const content: string[] = []
    while (this.#at < this.#source.length) {
      const [raw = '', line] = [this.#source[this.#at], this.#line(this.#at)]
      this.#at += 1
      const tabs = chomp ? (/^\t+/.exec(raw)?.[0].length ?? 0) : 0
      if (line.slice(tabs) === name) return content.map(text => `${text}\n`).join('')
      content.push(raw.slice(tabs))
    }
    this.#error('DOCKERFILE_HEREDOC', `heredoc "<<${name}" is not ended by a line "${name}"`, first)
    return ''
  }

  #range(first: number, last: number): Range {
    const start = this.#line(first).search(/\S/)
    return {
      file: this.#file,
      start: { line: first + 1, column: Math.max(0, start) + 1 },
      end: { line: last + 1, column: this.#line(last).length + 1 },
    }
  }

  #error(code: string, summary: string, line: number, hint?: string): void {
    const range = this.#range(line, line)
    this.#diagnostics.push({
      severity: 'error',
      code,
      summary,
      range,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#')
}
