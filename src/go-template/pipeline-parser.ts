import { nearest } from '../diagnostics/nearest.ts'
import { type Span, type TemplateSource, templateFailure } from './failure.ts'
import type { Token } from './lexer.ts'
import type { Command, FieldName, Operand, Pipeline } from './nodes.ts'

/** Reads what stands in an action: `$x := .Name | printf "%s"`. */
export class PipelineParser {
  /** Variables that are known where the parser stands; `$` is the first. */
  readonly scope: string[] = ['']
  readonly #source: TemplateSource
  readonly #tokens: readonly Token[]
  readonly #functions: readonly string[]
  #at = 0

  constructor(source: TemplateSource, tokens: readonly Token[], functions: readonly string[]) {
    this.#source = source
    this.#tokens = tokens
    this.#functions = functions
  }

  /** The pipeline at a token, up to what ends it, and the token there. `context`: the action's keyword. */
  parse(at: number, context: string): { readonly pipeline: Pipeline; readonly next: number } {
    this.#at = at
    return { pipeline: this.#pipeline(context), next: this.#at }
  }

  #pipeline(context: string): Pipeline {
    const from = this.#place().from
    const { variables, isAssignment } = this.#declaration(context)
    const commands = [this.#command(context)]
    while (this.#isSign('|')) {
      this.#at += 1
      commands.push(this.#command(context))
    }
    for (const { operands } of commands.slice(1))
      if (!isCallable(operands[0]))
        throw this.#problem(operands[0]?.span ?? this.#place(), 'want a function or a field after |')
    // What is declared is known from here on.
    if (!isAssignment) this.scope.push(...variables)
    return { variables, isAssignment, commands, span: { from, to: commands.at(-1)?.span.to ?? from } }
  }

  #declaration(context: string): Pick<Pipeline, 'variables' | 'isAssignment'> {
    const names = this.#names(context)
    const sign = this.#tokens[this.#at + names.length * 2 - 1]
    if (names.length === 0 || sign?.kind !== 'sign' || (sign.text !== ':=' && sign.text !== '='))
      return { variables: [], isAssignment: false }
    const isAssignment = sign.text === '='
    for (const { text, span } of names) if (isAssignment) this.#requireVariable(text, span)
    this.#at += names.length * 2
    return { variables: names.map(({ text }) => text), isAssignment }
  }

  /** `$x`, and of a range `$i, $x`. */
  #names(context: string): readonly Extract<Token, { kind: 'variable' }>[] {
    const [first, comma, second] = this.#tokens.slice(this.#at, this.#at + 3)
    if (first?.kind !== 'variable') return []
    const isPair = context === 'range' && comma?.kind === 'sign' && comma.text === ','
    return isPair && second?.kind === 'variable' ? [first as never, second as never] : [first as never]
  }

  #command(context: string): Command {
    const operands: Operand[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined || token.kind === 'close' || this.#isSign('|') || this.#isSign(')')) break
      if (operands.length > 0 && !token.spaced)
        throw this.#problem(token.span, `want a space before "${token.text}"`)
      operands.push(this.#operand(token))
    }
    const [first] = operands
    if (first === undefined) throw this.#problem(this.#place(), `want a value in this ${context}`)
    if (first.kind === 'nil') throw this.#problem(first.span, 'nil is no value to begin with')
    if (operands.length > 1 && !isCallable(first))
      throw this.#problem(
        operands[1]?.span ?? first.span,
        `${this.#textOf(first.span)} is no function: it takes no arguments`,
      )
    return { operands, span: { from: first.span.from, to: operands.at(-1)?.span.to ?? first.span.to } }
  }

  #operand(token: Token): Operand {
    const { span } = token
    this.#at += 1
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.value, span }
      case 'field': {
        this.#at -= 1
        const fields = this.#fields(true)
        return { kind: 'dot', fields, span: { from: span.from, to: fields.at(-1)?.span.to ?? span.to } }
      }
      case 'variable': {
        this.#requireVariable(token.text, span)
        return this.#withFields(span, fields => ({ kind: 'variable', name: token.text, fields }))
      }
      case 'word':
        return this.#word(token.text, span)
      default:
        if (this.#isSign('.', token)) return { kind: 'dot', fields: [], span }
        if (this.#isSign('(', token)) return this.#parenthesis(span)
        throw this.#problem(span, `"${token.text}" means nothing here`)
    }
  }

  #word(text: string, span: Span): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', span }
    if (text === 'nil') return { kind: 'nil', span }
    if (this.#functions.includes(text)) return { kind: 'function', name: text, span }
    const near = nearest(text, this.#functions)
    const hint =
      near === undefined ? `functions are ${[...this.#functions].sort().join(', ')}` : `did you mean ${near}?`
    throw this.#problem(span, `there is no function "${text}"`, hint)
  }

  #parenthesis(open: Span): Operand {
    const depth = this.scope.length
    const pipeline = this.#pipeline('parenthesis')
    if (!this.#isSign(')')) throw this.#problem(open, 'this parenthesis does not close', 'add )')
    this.scope.length = depth
    const close = this.#place()
    this.#at += 1
    return this.#withFields({ from: open.from, to: close.to }, fields => ({
      kind: 'pipeline',
      pipeline,
      fields,
    }))
  }

  #withFields<K extends Operand['kind']>(
    span: Span,
    make: (fields: readonly FieldName[]) => Omit<Extract<Operand, { kind: K }>, 'span'>,
  ): Operand {
    const fields = this.#fields(false)
    return { ...make(fields), span: { from: span.from, to: fields.at(-1)?.span.to ?? span.to } } as Operand
  }

  /** `.A.B`, each close behind what is before it. */
  #fields(startsAlone: boolean): readonly FieldName[] {
    const fields: FieldName[] = []
    for (let token = this.#tokens[this.#at]; token?.kind === 'field'; token = this.#tokens[this.#at]) {
      if (token.spaced && !(startsAlone && fields.length === 0)) break
      fields.push({ name: token.text, span: token.span })
      this.#at += 1
    }
    return fields
  }

  #requireVariable(name: string, span: Span): void {
    if (this.scope.includes(name)) return
    const known = this.scope.map(each => `$${each}`)
    throw this.#problem(span, `there is no variable $${name} here`, `variables are ${known.join(', ')}`)
  }

  #isSign(text: string, token: Token | undefined = this.#tokens[this.#at]): boolean {
    return token?.kind === 'sign' && token.text === text
  }

  #textOf({ from, to }: Span): string {
    return this.#source.text.slice(from, to)
  }

  #place(): Span {
    const { length } = this.#source.text
    return this.#tokens[this.#at]?.span ?? { from: length, to: length }
  }

  #problem(span: Span, summary: string, hint?: string): Error {
    return templateFailure(this.#source, span, 'TEMPLATE_SYNTAX', { summary, hint })
  }
}

/** Whether something can be given arguments: a function, or what may be a field that is one. */
function isCallable(operand: Operand | undefined): boolean {
  return (
    operand?.kind === 'function' ||
    (operand !== undefined && 'fields' in operand && operand.fields.length > 0)
  )
}
