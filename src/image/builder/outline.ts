import { platformArgs } from '../defaults.ts'
import type { ArgInstruction, Instruction, RunInstruction } from './dockerfile/instruction.ts'
import { mountFields, typeOfMount } from './dockerfile/mount-fields.ts'
import type { BuildRun } from './run-state.ts'
import { baseStage, type NamedStage } from './stages.ts'
import { argValue, expanderAt } from './variables.ts'

/** An argument that a build takes, where it is declared, and the value that it has as the build is asked for. */
export interface OutlineArg {
  readonly name: string
  readonly value: string | undefined
  readonly description: string | undefined
  readonly line: number
}

/** A secret, or an agent of ssh, that some step mounts. */
export interface OutlineNeed {
  readonly name: string
  readonly isRequired: boolean
  readonly line: number
}

/** What the steps of some stages mount. */
export interface StageMounts {
  readonly secrets: readonly OutlineNeed[]
  readonly agents: readonly OutlineNeed[]
}

/** What can be given to a build. */
export interface Outline extends StageMounts {
  readonly name: string
  readonly description: string | undefined
  readonly args: readonly OutlineArg[]
}

/** What a build is read from: `needed` are the stages that it builds, the target last. */
export type Outlined = Pick<BuildRun, 'stages' | 'globals' | 'platforms' | 'escapeChar' | 'options'> & {
  readonly globalArgs: readonly ArgInstruction[]
  readonly needed: readonly number[]
  readonly target: number
}

type Variables = Map<string, string | undefined>

/** All that the stages of a build ask for. Arguments that every build has, as TARGETARCH, are not told. */
export function outlineOf(outlined: Outlined): Outline {
  const { stages, needed, target } = outlined
  const chosen = needed.flatMap(index => stages[index] ?? [])
  const stage = stages[target]?.stage
  return {
    name: stage?.name ?? '',
    description: stage === undefined ? undefined : descriptionIn(stage.from.comments, stage.name ?? ''),
    args: argsOf(outlined, chosen),
    ...mountsOf(stages, needed),
  }
}

/** The secrets and agents that the steps of stages mount. */
export function mountsOf(stages: readonly NamedStage[], needed: readonly number[]): StageMounts {
  const chosen = needed.flatMap(index => stages[index] ?? [])
  const runs = chosen.flatMap(({ stage }) => stage.instructions.filter(isRun))
  return {
    secrets: needsOf(runs, 'secret', secretName),
    agents: needsOf(runs, 'ssh', fields => fields.get('id') ?? 'default'),
  }
}

/** The comment that begins with the name of what stands below it, without the name. */
export function descriptionIn(comments: readonly string[], name: string): string | undefined {
  if (name === '') return undefined
  return comments.find(line => line.startsWith(`${name} `))?.slice(name.length + 1)
}

function argsOf(outlined: Outlined, chosen: readonly NamedStage[]): readonly OutlineArg[] {
  const globals = globalArgsOf(outlined)
  const found = new Map<string, OutlineArg>()
  for (const { stage } of chosen)
    for (const name of namesIn(outlined, stage.from)) {
      const declared = globals.get(name)
      if (declared !== undefined) found.set(name, declared)
    }
  const own = platformArgs(outlined.platforms)
  for (const named of chosen)
    for (const arg of declaredIn(outlined, named)) {
      const outer = arg.hasDefault ? undefined : globals.get(arg.name)
      if (outer !== undefined || !own.has(arg.name)) found.set(arg.name, outer ?? arg)
    }
  return [...found.values()].sort((a, b) => a.line - b.line)
}

function globalArgsOf({ globalArgs, globals }: Outlined): ReadonlyMap<string, OutlineArg> {
  return new Map(
    globalArgs.flatMap(({ assignments, comments, range }) =>
      assignments.map(({ name }) => {
        const description = descriptionIn(comments, name)
        return [name, { name, value: globals.get(name), description, line: range.start.line }] as const
      }),
    ),
  )
}

/** The variables that a FROM names. */
function namesIn(
  { escapeChar, globals }: Outlined,
  { range, image, platform = '' }: NamedStage['stage']['from'],
): ReadonlySet<string> {
  const names = new Set<string>()
  const expander = expanderAt(range, escapeChar, name => {
    names.add(name)
    return globals.get(name)
  })
  expander.words([image, platform])
  return names
}

/** The arguments of a stage with their values there. */
function declaredIn(
  outlined: Outlined,
  named: NamedStage,
): readonly (OutlineArg & { readonly hasDefault: boolean })[] {
  const known = startOf(outlined, named)
  return named.stage.instructions.flatMap(instruction => {
    const values = declare(outlined, instruction, known)
    if (instruction.keyword !== 'ARG') return []
    return instruction.assignments.map(({ name, value }) => ({
      name,
      value: values.get(name),
      description: descriptionIn(instruction.comments, name),
      line: instruction.range.start.line,
      hasDefault: value !== undefined,
    }))
  })
}

/** What a stage sees at its beginning: the variables of the stage that it stands on; of an image nothing is known here. */
function startOf(outlined: Outlined, { stage, image }: NamedStage): Variables {
  const base = outlined.stages[baseStage(outlined.stages, image, stage.index) ?? -1]
  if (base === undefined) return new Map()
  const known = startOf(outlined, base)
  for (const instruction of base.stage.instructions) declare(outlined, instruction, known)
  return known
}

/** Adds what an instruction declares to what is known. */
function declare(outlined: Outlined, instruction: Instruction, known: Variables): Variables {
  if (instruction.keyword !== 'ARG' && instruction.keyword !== 'ENV') return known
  const { escapeChar, options, globals, platforms } = outlined
  const expander = expanderAt(instruction.range, escapeChar, name => known.get(name))
  const sources = { given: options.args ?? {}, globals, platforms }
  if (instruction.keyword === 'ARG')
    for (const assignment of instruction.assignments)
      known.set(assignment.name, argValue(assignment, sources, expander))
  else for (const { name, value } of instruction.assignments) known.set(name, expander.word(value))
  return known
}

function needsOf(
  runs: readonly RunInstruction[],
  type: string,
  nameOf: (fields: ReadonlyMap<string, string>) => string,
): readonly OutlineNeed[] {
  const found = new Map<string, OutlineNeed>()
  for (const { mounts, range } of runs)
    for (const fields of mounts.map(mountFields)) {
      if (typeOfMount(fields) !== type) continue
      const name = nameOf(fields)
      const isRequired = ['true', '1'].includes(fields.get('required')?.toLowerCase() ?? '')
      if (!found.has(name)) found.set(name, { name, isRequired, line: range.start.line })
    }
  return [...found.values()]
}

function secretName(fields: ReadonlyMap<string, string>): string {
  const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination') ?? ''
  return fields.get('id') ?? target.slice(target.lastIndexOf('/') + 1)
}

function isRun(instruction: Instruction): instruction is RunInstruction {
  return instruction.keyword === 'RUN'
}
