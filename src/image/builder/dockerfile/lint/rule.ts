import type { Diagnostic, Range } from '../../../../diagnostics/index.ts'
import type { Dockerfile, Instruction } from '../instruction.ts'

/** What is known of an image that a stage begins with. */
export interface BaseFacts {
  readonly env: readonly string[]
  readonly workingDir: string
  readonly hasShell: boolean
  /** `linux/amd64`. */
  readonly platform: string
}

/** A Dockerfile, and what rules may ask of its surroundings. Nothing is fetched for them. */
export interface LintInput {
  readonly dockerfile: Dockerfile
  readonly escapeChar: string
  /** Build arguments. */
  readonly given: Readonly<Record<string, string>>
  /** Predefined ARGs of FROM, with their values. */
  readonly platformArgs: ReadonlyMap<string, string>
  /** Platform that is built for. */
  readonly platform: string
  /** What is known of an image; undefined when it is not here. */
  readonly baseOf: (image: string) => BaseFacts | undefined
  /** Whether the stage of that index is built. */
  readonly isNeeded: (index: number) => boolean
  /** Whether `.dockerignore` leaves out a path. */
  readonly isIgnored: (path: string) => boolean
}

/** What a rule has found. */
export interface Finding {
  readonly range: Range
  readonly summary: string
  readonly hint?: string
}

/** A rule, by the name that BuildKit has for it: what `# check=skip=` names, and the code of its diagnostics. */
export interface Rule {
  readonly name: string
  /** Only when `# check=experimental=` asks for it. */
  readonly isExperimental?: boolean
  readonly check: (input: LintInput) => Iterable<Finding>
}

/** A finding as a diagnostic. */
export function diagnosticOf({ name }: Rule, { range, summary, hint }: Finding): Diagnostic {
  return { severity: 'warning', code: name, summary, range, ...(hint === undefined ? {} : { hint }) }
}

/** All instructions in the order of the file. */
export function* allInstructions({ globals, stages }: Dockerfile): Generator<Instruction> {
  yield* globals
  for (const { from, instructions } of stages) {
    yield from
    yield* instructions
  }
}
