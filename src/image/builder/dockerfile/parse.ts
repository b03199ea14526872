import { type Diagnostic, Failure } from '../../../diagnostics/index.ts'
import type { CheckDirective } from './check-directive.ts'
import type { ArgInstruction, Dockerfile, FromInstruction, Instruction, Stage } from './instruction.ts'
import { type LogicalLine, lexDockerfile } from './lex.ts'
import { parseInstruction } from './parse-instruction.ts'

/** A Dockerfile that holds together, and what is to be said about it all the same. */
export interface ParseResult {
  readonly dockerfile: Dockerfile
  readonly warnings: readonly Diagnostic[]
  readonly escapeChar: string
  readonly check: CheckDirective
}

/** Parses a Dockerfile. Raises one Failure with every problem of the file. `file` is its name in diagnostics. */
export function parseDockerfile(text: string, file: string): ParseResult {
  const { lines, escapeChar, check, diagnostics } = lexDockerfile(text, file)
  const found: Diagnostic[] = [...diagnostics]
  const instructions = lines.flatMap(line => instructionOf(line, escapeChar, found))
  const dockerfile = stagesOf(instructions, found)
  if (dockerfile.stages.length === 0 && !found.some(isError)) found.push(noStage(file))
  if (found.some(isError)) throw new Failure('invalidArgument', found.filter(isError))
  return { dockerfile, warnings: found, escapeChar, check }
}

/** Parses one instruction of an ONBUILD trigger; `origin` names the image in diagnostics. */
export function parseTrigger(text: string, origin: string): Exclude<Instruction, FromInstruction> {
  const { lines, escapeChar } = lexDockerfile(text, `${origin} ONBUILD`)
  const found: Diagnostic[] = []
  const [instruction] = lines.flatMap(line => instructionOf(line, escapeChar, found))
  if (found.some(isError)) throw new Failure('invalidArgument', found.filter(isError))
  if (instruction === undefined || instruction.keyword === 'FROM') {
    throw new Failure('invalidArgument', [
      {
        severity: 'error',
        code: 'DOCKERFILE_ONBUILD',
        summary: `image "${origin}" has the bad trigger "${text}"`,
      },
    ])
  }
  return instruction
}

function instructionOf(line: LogicalLine, escapeChar: string, found: Diagnostic[]): Instruction[] {
  const result = parseInstruction(line, escapeChar)
  if (!('keyword' in result)) {
    found.push({ severity: 'error', range: line.range, ...result })
    return []
  }
  if (result.keyword === 'ONBUILD' && result.flaw !== undefined)
    found.push({ severity: 'warning', range: line.range, ...result.flaw })
  return [result]
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error'
}

function stagesOf(instructions: readonly Instruction[], found: Diagnostic[]): Dockerfile {
  const globals: ArgInstruction[] = []
  const stages: {
    index: number
    from: FromInstruction
    name?: string
    instructions: Stage['instructions'][number][]
  }[] = []
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') {
      const { name } = instruction
      stages.push({
        index: stages.length,
        from: instruction,
        ...(name === undefined ? {} : { name }),
        instructions: [],
      })
      continue
    }
    const stage = stages.at(-1)
    if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.keyword === 'ARG') globals.push(instruction)
    else found.push(beforeFrom(instruction))
  }
  return { globals, stages }
}

function noStage(file: string): Diagnostic {
  return {
    severity: 'error',
    code: 'DOCKERFILE_NO_FROM',
    summary: `"${file}" has no FROM`,
    facts: { file },
    hint: 'begin it with FROM and a base image, such as debian:bookworm',
  }
}

function beforeFrom(instruction: Instruction): Diagnostic {
  return {
    severity: 'error',
    code: 'DOCKERFILE_NO_FROM',
    summary: `${instruction.keyword} stands before the first FROM`,
    facts: { keyword: instruction.keyword },
    range: instruction.range,
    hint: 'only ARG may stand there',
  }
}
