import { posix } from 'node:path'
import { Failure } from '../../diagnostics/index.ts'
import type { NamedContext } from './context.ts'
import type { Instruction } from './dockerfile/instruction.ts'
import { mountFields, typeOfMount } from './dockerfile/mount-fields.ts'
import { parseTrigger } from './dockerfile/parse.ts'
import { baseImage } from './from-step.ts'
import { contextNamed } from './further-contexts.ts'
import { isRemote } from './remote-sources.ts'
import type { BuildRun } from './run-state.ts'
import { baseStage, type NamedStage } from './stages.ts'

/** A build for one platform, and the stages that it needs. */
interface Planned {
  readonly run: BuildRun
  readonly needed: readonly number[]
}

/** What the steps of a build take of the folders of its client, so that nothing else travels. */
export class WantedPaths {
  #builds: readonly Planned[] = []

  /** The steps are known. */
  plan(builds: readonly Planned[]): void {
    this.#builds = builds
  }

  /**
   * The paths that some step takes of the context, or of a further one by its name; wildcards are as they are written.
   * Undefined: all of it, or what is wanted is known only while steps run.
   */
  async of(name: string | undefined): Promise<readonly string[] | undefined> {
    const stages = this.#builds.flatMap(({ run, needed }) =>
      needed.flatMap(index => {
        const stage = run.stages[index]
        return stage === undefined ? [] : [{ run, stage }]
      }),
    )
    const lists = await Promise.all(stages.map(({ run, stage }) => wantedBy(run, stage, name)))
    const paths = new Set<string>()
    for (const list of lists) {
      if (list === undefined) return undefined
      for (const path of list) paths.add(path)
    }
    // A choice of nothing is a choice of all to clients.
    return paths.size === 0 ? undefined : [...paths].sort()
  }
}

async function wantedBy(
  run: BuildRun,
  named: NamedStage,
  name: string | undefined,
): Promise<readonly string[] | undefined> {
  const { contexts } = run.context
  const wanted = name === undefined ? undefined : contexts[name]
  if (wanted !== undefined && contextNamed(contexts, named.image) === wanted) return undefined
  const triggers = await triggersOf(run, named)
  if (triggers === undefined) return undefined
  const paths = [...triggers, ...named.stage.instructions].flatMap(instruction =>
    sourcesOf(instruction, from => isOf(from, wanted, contexts)),
  )
  const clean = paths.map(cleanPath)
  return clean.every(path => path !== undefined) ? clean : undefined
}

/** Whether what a step takes from is the one that is asked for: the context where it says nothing. */
function isOf(
  from: string | undefined,
  wanted: NamedContext | undefined,
  contexts: BuildRun['context']['contexts'],
): boolean {
  if (from === undefined) return wanted === undefined
  // A name with variables may be any.
  return wanted !== undefined && (from.includes('$') || contextNamed(contexts, from) === wanted)
}

/** What runs first in a stage; undefined where its image cannot be had, which its FROM will tell. */
async function triggersOf(run: BuildRun, named: NamedStage): Promise<readonly Instruction[] | undefined> {
  try {
    return (await triggerTexts(run, named)).map(text => parseTrigger(text, named.image))
  } catch (error) {
    if (error instanceof Failure || run.options.signal?.aborted === true) return undefined
    throw error
  }
}

async function triggerTexts(run: BuildRun, { stage, image }: NamedStage): Promise<readonly string[]> {
  const context = contextNamed(run.context.contexts, image)
  if (context !== undefined && 'built' in context) return context.built.config.OnBuild ?? []
  if (context !== undefined && 'files' in context) return []
  const base = context === undefined ? baseStage(run.stages, image, stage.index) : undefined
  if (base !== undefined)
    return (run.stages[base]?.stage.instructions ?? []).flatMap(instruction =>
      instruction.keyword === 'ONBUILD' ? instruction.trigger : [],
    )
  if (context === undefined && image === 'scratch') return []
  const silent = { ...run, emit: () => undefined }
  return (await baseImage(silent, stage.index, image)).record.config.OnBuild ?? []
}

/** Sources of a step, of what the predicate says. */
function sourcesOf(
  instruction: Instruction,
  isWanted: (from: string | undefined) => boolean,
): readonly string[] {
  if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') {
    if (!isWanted(instruction.from)) return []
    return instruction.sources.filter(source => instruction.keyword === 'COPY' || !isRemote(source))
  }
  if (instruction.keyword !== 'RUN') return []
  return instruction.mounts.flatMap(text => {
    // What variables make of it is anything.
    if (text.includes('$')) return ['/']
    const fields = mountFields(text)
    const from = fields.get('from')
    const isTaken = typeOfMount(fields) === 'bind' || from !== undefined
    return isTaken && isWanted(from) ? [fields.get('source') ?? fields.get('src') ?? '/'] : []
  })
}

/** From the root of the context, without its slash; undefined for all of it and for what only a step knows. */
function cleanPath(source: string): string | undefined {
  // Variables, quotes and escapes are a step's to read.
  if (/[$"'\\`]/.test(source)) return undefined
  const path = posix.normalize(`/${source}`).replace(/^\/|\/$/g, '')
  // `**` is any number of folders to COPY --parents, and none to clients.
  const deep = path.split('/').indexOf('**')
  const shallow = deep === -1 ? path : path.split('/').slice(0, deep).join('/')
  return shallow === '' ? undefined : shallow
}
