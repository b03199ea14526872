import type { Diagnostic, Range } from '../../../diagnostics/index.ts'
import type { Heredoc } from './instruction.ts'
import { splitWords } from './words.ts'

/** An instruction as text: continuations joined, comments dropped, heredocs read. */
export interface LogicalLine {
  /** Upper case. */
  readonly keyword: string
  /** What follows the keyword, without its heredocs' content. */
  readonly rest: string
  readonly heredocs: readonly Heredoc[]
  readonly range: Range
}

/** What a text was taken apart into. */
export interface LexResult {
  readonly lines: readonly LogicalLine[]
  /** The escape character, `\` or a backtick. */
  readonly escapeChar: string
  readonly diagnostics: readonly Diagnostic[]
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const HEREDOC = /^\d*<<(-?)(["']?)([a-zA-Z_][a-zA-Z0-9_.]*)\2$/
/** Instructions that may have heredocs. */
const WITH_HEREDOCS = new Set(['RUN', 'COPY', 'ADD'])

/** Takes a Dockerfile apart into instructions. `file` is its name in diagnostics. */
export function lexDockerfile(text: string, file: string): LexResult {
  return new Lexer(text, file).lex()
}

class Lexer {
  readonly #file: string
  readonly #source: readonly string[]
  readonly #diagnostics: Diagnostic[] = []
  #escapeChar = '\\'
  #at = 0

  constructor(text: string, file: string) {
    this.#file = file
    this.#source = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  }

  lex(): LexResult {
    this.#directives()
    const lines: LogicalLine[] = []
    while (this.#at < this.#source.length) {
      const line = this.#source[this.#at] ?? ''
      if (isBlank(line) || isComment(line)) this.#at += 1
      else lines.push(this.#logicalLine())
    }
    return { lines, escapeChar: this.#escapeChar, diagnostics: this.#diagnostics }
  }

  /** `# escape=`, `# syntax=` and `# check=` count only before everything else, each once. */
  #directives(): void {
    const seen = new Set<string>()
    for (; this.#at < this.#source.length; this.#at += 1) {
      const [, name, value] = DIRECTIVE.exec(this.#source[this.#at] ?? '') ?? []
      const key = name?.toLowerCase()
      if (key === undefined || value === undefined || seen.has(key)) return
      if (!['escape', 'syntax', 'check'].includes(key)) return
      seen.add(key)
      if (key === 'escape') this.#setEscape(value)
      if (key === 'syntax')
        this.#note(
          'DOCKERFILE_SYNTAX_IGNORED',
          `"# syntax=${value}" is ignored: the builder has its own syntax`,
        )
    }
  }

  #setEscape(value: string): void {
    if (value === '\\' || value === '`') this.#escapeChar = value
    else this.#error('DOCKERFILE_DIRECTIVE', `got escape directive "${value}", want \\ or \``, this.#at)
  }

  #logicalLine(): LogicalLine {
    const first = this.#at
    let joined = ''
    for (let more = true; more && this.#at < this.#source.length; ) {
      const line = this.#source[this.#at] ?? ''
      this.#at += 1
      if (joined !== '' && (isBlank(line) || isComment(line))) continue
      const continued = this.#continuation(line)
      joined += continued ?? line
      more = continued !== undefined
    }
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(joined) ?? []
    const upper = keyword.toUpperCase()
    const heredocs = WITH_HEREDOCS.has(upper) ? this.#heredocs(rest, first) : []
    return { keyword: upper, rest, heredocs, range: this.#range(first, this.#at - 1) }
  }

  /** The line without its escape character at the end; undefined when it does not go on. */
  #continuation(line: string): string | undefined {
    const trimmed = line.replace(/[ \t]+$/, '')
    if (!trimmed.endsWith(this.#escapeChar)) return undefined
    const before = trimmed.slice(0, -1)
    return before.endsWith(this.#escapeChar) ? undefined : before
  }

  #heredocs(rest: string, first: number): Heredoc[] {
    if (!rest.includes('<<')) return []
    const found = splitWords(rest, this.#escapeChar).flatMap(word => {
      const [, chomp, quote, name] = HEREDOC.exec(word) ?? []
      return name === undefined ? [] : [{ name, chomp: chomp === '-', expand: quote === '' }]
    })
    return found.map(({ name, chomp, expand }) => ({
      name,
      expand,
      content: this.#heredoc(name, chomp, first),
    }))
  }

  #heredoc(name: string, chomp: boolean, first: number): string {
    const content: string[] = []
    while (this.#at < this.#source.length) {
      const raw = this.#source[this.#at] ?? ''
      const line = chomp ? raw.replace(/^\t+/, '') : raw
      this.#at += 1
      if (line === name) return content.map(text => `${text}\n`).join('')
      content.push(line)
    }
    this.#error('DOCKERFILE_HEREDOC', `heredoc "<<${name}" is not ended by a line "${name}"`, first)
    return ''
  }

  #range(first: number, last: number): Range {
    const start = (this.#source[first] ?? '').search(/\S/)
    return {
      file: this.#file,
      start: { line: first + 1, column: Math.max(0, start) + 1 },
      end: { line: last + 1, column: (this.#source[last] ?? '').length + 1 },
    }
  }

  #error(code: string, summary: string, line: number): void {
    this.#diagnostics.push({ severity: 'error', code, summary, range: this.#range(line, line) })
  }

  #note(code: string, summary: string): void {
    this.#diagnostics.push({ severity: 'warning', code, summary, range: this.#range(this.#at, this.#at) })
  }
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#')
}
