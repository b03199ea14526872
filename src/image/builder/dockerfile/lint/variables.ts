import type { Instruction, Stage } from '../instruction.ts'
import { baseStageOf } from './bases.ts'
import { expandKnown } from './expand-known.ts'
import type { LintInput } from './rule.ts'

/** An instruction of a stage with the variables that it sees; undefined when what the stage begins with is not known. */
export interface Seen {
  readonly instruction: Instruction
  readonly known: ReadonlyMap<string, string>
}

/** The instructions of a stage, each with its variables; none when the image that it begins with is not here. */
export function* seenIn(input: LintInput, stage: Stage): Generator<Seen> {
  const known = startOf(input, stage)
  if (known === undefined) return
  for (const instruction of stage.instructions) {
    yield { instruction, known }
    declare(input, instruction, known)
  }
}

/** Variables at a stage's beginning: those of the stage or image that it begins with. ARGs are not handed on by an image. */
function startOf(input: LintInput, stage: Stage): Map<string, string> | undefined {
  const { base, image } = baseStageOf(input, stage)
  if (base === undefined) {
    if (image === 'scratch') return new Map([['PATH', '']])
    const env = input.baseOf(image)?.env
    return env === undefined ? undefined : new Map([['PATH', ''], ...env.map(pairOf)])
  }
  const known = startOf(input, base)
  if (known !== undefined) for (const instruction of base.instructions) declare(input, instruction, known)
  return known
}

function pairOf(line: string): readonly [string, string] {
  const equals = line.indexOf('=')
  return equals === -1 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
}

function declare(input: LintInput, instruction: Instruction, known: Map<string, string>): void {
  if (instruction.keyword !== 'ENV' && instruction.keyword !== 'ARG') return
  const before = new Map(known)
  for (const { name, value = '' } of instruction.assignments)
    known.set(
      expandKnown(name, input.escapeChar, before).text,
      expandKnown(value, input.escapeChar, before).text,
    )
}
