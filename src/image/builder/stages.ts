import { type Diagnostic, Failure, failure, type Range } from '../../diagnostics/index.ts'
import type { NamedContext } from './context.ts'
import type { Instruction, Stage } from './dockerfile/instruction.ts'
import { mountFields } from './dockerfile/mount-fields.ts'
import { parseTrigger } from './dockerfile/parse.ts'
import { contextNamed } from './further-contexts.ts'

/** A stage with the image name of its FROM, variables expanded. */
export interface NamedStage {
  readonly stage: Stage
  readonly image: string
}

/** Index of the stage that a name or number means, among those before `before`. */
export function stageIndex(stages: readonly NamedStage[], name: string, before: number): number | undefined {
  const named = namedStage(stages.slice(0, before), name)
  if (named !== undefined) return named
  if (!/^\d+$/.test(name)) return undefined
  const index = Number(name)
  return index < before ? index : undefined
}

/** Index of the stage that FROM names: by its name alone and in lower case, for `FROM 0` and `FROM Build` are images. */
export function baseStage(stages: readonly NamedStage[], image: string, before: number): number | undefined {
  return stages.slice(0, before).findLast(({ stage }) => stage.name === image)?.stage.index
}

function namedStage(stages: readonly NamedStage[], name: string): number | undefined {
  return stages.findLast(({ stage }) => stage.name === name.toLowerCase())?.stage.index
}

/** The stage to build: by its name, and not its number, as with Docker; the last one by default. Raises BUILD_TARGET. */
export function targetStage(stages: readonly NamedStage[], target: string | undefined): number {
  if (target === undefined || target === '') return stages.length - 1
  const index = namedStage(stages, target)
  if (index !== undefined) return index
  const names = stages.flatMap(({ stage }) => stage.name ?? [])
  throw failure({
    code: 'BUILD_TARGET',
    kind: 'invalidArgument',
    summary: `stage "${target}" is not in the Dockerfile`,
    facts: { target },
    hint: names.length === 0 ? 'the Dockerfile names no stage' : `its stages are ${names.join(', ')}`,
  })
}

/** Stages that a stage takes something from: what it begins with, what it and the triggers of its image copy from. */
export function dependenciesOf(
  stages: readonly NamedStage[],
  { stage, image }: NamedStage,
  contexts: Readonly<Record<string, NamedContext>>,
  imageTriggers: readonly Instruction[],
): readonly number[] {
  const base = contextNamed(contexts, image) === undefined ? baseStage(stages, image, stage.index) : undefined
  const triggers = base === undefined ? imageTriggers : triggersOf(stages[base])
  const sources = [...triggers, ...stage.instructions].flatMap(sourcesOf)
  const indices = sources
    .filter(source => contextNamed(contexts, source) === undefined)
    .map(source => stageIndex(stages, source, stage.index))
  return [base, ...indices].filter(index => index !== undefined)
}

/** What runs in a stage that begins with this one. */
function triggersOf(named: NamedStage | undefined): readonly Instruction[] {
  return (named?.stage.instructions ?? []).flatMap(instruction =>
    instruction.keyword === 'ONBUILD' ? parseTrigger(instruction.trigger, named?.image ?? '') : [],
  )
}

/** Raises every `--from` that names its own stage or a later one, or has a number that no stage has: nothing else could be meant. */
export function checkReferences(
  stages: readonly NamedStage[],
  contexts: Readonly<Record<string, NamedContext>>,
): void {
  const problems = stages.flatMap(({ stage }) =>
    stage.instructions.flatMap(instruction =>
      sourcesOf(instruction)
        .filter(name => contextNamed(contexts, name) === undefined)
        .flatMap(name => referenceProblem(stages, name, stage, instruction.range) ?? []),
    ),
  )
  if (problems.length > 0) throw new Failure('invalidArgument', problems)
}

/** Names that an instruction takes files from. */
function sourcesOf(instruction: Instruction): readonly string[] {
  if (instruction.keyword === 'COPY') return instruction.from === undefined ? [] : [instruction.from]
  if (instruction.keyword !== 'RUN') return []
  return instruction.mounts.flatMap(mount => mountFields(mount).get('from') ?? [])
}

function referenceProblem(
  stages: readonly NamedStage[],
  name: string,
  stage: Stage,
  range: Range,
): Diagnostic | undefined {
  const index = stageIndex(stages, name, stages.length)
  if (index === undefined && /^\d+$/.test(name)) return indexProblem(name, stages.length, range)
  return index !== undefined && index >= stage.index ? orderProblem(name, stage, range) : undefined
}

function indexProblem(name: string, count: number, range: Range): Diagnostic {
  return {
    severity: 'error',
    code: 'DOCKERFILE_STAGE_INDEX',
    summary: `invalid stage index ${name}`,
    range,
    hint: `the Dockerfile has ${count === 1 ? 'one stage, 0' : `${count} stages, 0 to ${count - 1}`}`,
  }
}

function orderProblem(name: string, stage: Stage, range: Range): Diagnostic {
  const own = name.toLowerCase() === stage.name || name === String(stage.index)
  return {
    severity: 'error',
    code: 'DOCKERFILE_STAGE_ORDER',
    summary: `"${name}" names ${own ? 'its own stage' : 'a later stage'}`,
    range,
    hint: 'a stage copies only from stages before it',
  }
}
