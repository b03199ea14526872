import { type Span, type TemplateSource, templateFailure } from './failure.ts'
import { type Token, tokensOf } from './lexer.ts'
import type { Branch, Node, Pipeline } from './nodes.ts'
import { PipelineParser } from './pipeline-parser.ts'

/** A template as it is executed: its own pieces, and those that it defines by name. */
export interface ParsedTemplate {
  readonly nodes: readonly Node[]
  readonly definitions: ReadonlyMap<string, readonly Node[]>
}

const KEYWORDS = ['if', 'else', 'end', 'range', 'with', 'break', 'continue', 'define', 'template', 'block']

/** Reads a template in the language of Go's `text/template`, with the names of its functions. Errors: TEMPLATE_SYNTAX. */
export function parseNodes(source: TemplateSource, functions: readonly string[]): ParsedTemplate {
  return new Parser(source, functions).parse()
}

/** What a list of nodes ended with: the keyword, and where its action begins. */
interface Ending {
  readonly nodes: readonly Node[]
  readonly word: 'end' | 'else' | undefined
  readonly span: Span
}

class Parser {
  readonly #source: TemplateSource
  readonly #tokens: readonly Token[]
  readonly #pipelines: PipelineParser
  readonly #definitions = new Map<string, readonly Node[]>()
  #at = 0
  #loops = 0

  constructor(source: TemplateSource, functions: readonly string[]) {
    this.#source = source
    this.#tokens = tokensOf(source)
    this.#pipelines = new PipelineParser(source, this.#tokens, functions)
  }

  parse(): ParsedTemplate {
    const { nodes, word, span } = this.#list()
    if (word !== undefined) throw this.#problem(span, `there is nothing that this {{${word}}} belongs to`)
    return { nodes, definitions: this.#definitions }
  }

  /** Nodes up to the `end` or `else` that is not theirs, or the template's end. */
  #list(): Ending {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined) return { nodes, word: undefined, span: this.#endSpan() }
      this.#at += 1
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      const first = this.#tokens[this.#at]
      if (first?.kind === 'word' && (first.text === 'end' || first.text === 'else')) {
        this.#at += 1
        return { nodes, word: first.text, span: first.span }
      }
      const node = this.#action(token.span)
      if (node !== undefined) nodes.push(node)
    }
  }

  #action(open: Span): Node | undefined {
    const token = this.#tokens[this.#at]
    const word = token?.kind === 'word' ? token.text : undefined
    if (token === undefined || word === undefined || !KEYWORDS.includes(word))
      return { kind: 'print', pipeline: this.#pipeline('action') }
    this.#at += 1
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(word, token.span)
      case 'break':
      case 'continue':
        this.#close(word)
        if (this.#loops === 0) throw this.#problem(token.span, `{{${word}}} stands outside of any {{range}}`)
        return { kind: word }
      case 'define':
        return this.#define(open)
      case 'block':
        return this.#block(open)
      default:
        return this.#template(open)
    }
  }

  #branch(kind: Branch['kind'], span: Span): Branch {
    const { scope } = this.#pipelines
    const outer = scope.length
    const pipeline = this.#pipeline(kind)
    this.#loops += kind === 'range' ? 1 : 0
    const inner = scope.length
    const body = this.#list()
    scope.length = inner
    this.#loops -= kind === 'range' ? 1 : 0
    const otherwise = body.word === 'else' ? this.#otherwise(kind, span) : []
    if (body.word === undefined) throw this.#unended(kind, span)
    if (body.word === 'end') this.#close('end')
    scope.length = outer
    return { kind, pipeline, body: body.nodes, otherwise }
  }

  /** After `else`: another branch of the same kind in the same action, which the one `end` ends too, or a list. */
  #otherwise(kind: Branch['kind'], span: Span): readonly Node[] {
    const next = this.#tokens[this.#at]
    if (next?.kind === 'word' && next.text === kind && kind !== 'range') {
      this.#at += 1
      return [this.#branch(kind, next.span)]
    }
    this.#close('else')
    const { nodes, word, span: place } = this.#list()
    if (word === undefined) throw this.#unended(kind, span)
    if (word === 'else') throw this.#problem(place, `this {{${kind}}} has an {{else}} already`)
    this.#close('end')
    return nodes
  }

  #define(open: Span): undefined {
    const name = this.#name('define')
    this.#close('define')
    this.#definitions.set(name, this.#separate('define', open))
  }

  #block(open: Span): Node {
    const name = this.#name('block')
    const pipeline = this.#pipeline('block')
    this.#definitions.set(name, this.#separate('block', open))
    return { kind: 'template', name, pipeline, span: open }
  }

  /** A list that sees none of the variables around it. */
  #separate(word: string, open: Span): readonly Node[] {
    const outer = this.#pipelines.scope.splice(1)
    const { nodes, word: ending, span } = this.#list()
    if (ending === undefined) throw this.#unended(word, open)
    if (ending === 'else') throw this.#problem(span, `a {{${word}}} has no {{else}}`)
    this.#close('end')
    this.#pipelines.scope.splice(1, Number.POSITIVE_INFINITY, ...outer)
    return nodes
  }

  #template(open: Span): Node {
    const name = this.#name('template')
    if (this.#tokens[this.#at]?.kind !== 'close')
      return { kind: 'template', name, span: open, pipeline: this.#pipeline('template') }
    this.#close('template')
    return { kind: 'template', name, span: open }
  }

  #name(word: string): string {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'literal' || typeof token.value !== 'string')
      throw this.#problem(token?.span ?? this.#endSpan(), `want a name in quotes after ${word}`)
    this.#at += 1
    return token.value
  }

  /** The pipeline that fills the rest of an action. */
  #pipeline(context: string): Pipeline {
    const { pipeline, next } = this.#pipelines.parse(this.#at, context)
    this.#at = next
    this.#close(context)
    return pipeline
  }

  #close(word: string): void {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'close') {
      const got = token === undefined ? 'the end' : `"${token.text}"`
      throw this.#problem(token?.span ?? this.#endSpan(), `want }} after ${word}, got ${got}`)
    }
    this.#at += 1
  }

  #unended(word: string, span: Span): Error {
    return this.#problem(span, `this {{${word}}} does not end`, 'add {{end}}')
  }

  #endSpan(): Span {
    const { length } = this.#source.text
    return { from: length, to: length }
  }

  #problem(span: Span, summary: string, hint?: string): Error {
    return templateFailure(this.#source, span, 'TEMPLATE_SYNTAX', { summary, hint })
  }
}
