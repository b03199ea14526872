import type { ImageRecord } from '../record.ts'
import type { NamedContext } from './context.ts'
import type { Dockerfile, Instruction } from './dockerfile/instruction.ts'
import { parseTrigger } from './dockerfile/parse.ts'
import { contextNamed } from './further-contexts.ts'
import { placed } from './place.ts'
import { baseStage, dependenciesOf, type NamedStage } from './stages.ts'

/** What decides which stages a build needs. */
export interface StagePlan {
  readonly dockerfile: Dockerfile
  readonly stages: readonly NamedStage[]
  readonly target: number
  readonly contexts: Readonly<Record<string, NamedContext>>
  /** The image that a stage begins with, by its name; undefined where nothing can be known of it. */
  readonly imageOf: (reference: string, index: number) => Promise<ImageRecord | undefined>
}

/**
 * The stages that the target needs, itself last, in the order of the file. Triggers of an image name stages, too, so images
 * are asked for, as long as there is a stage that nobody else needs.
 */
export async function neededStages(plan: StagePlan): Promise<readonly number[]> {
  const triggers = new Map<number, readonly Instruction[]>()
  for (;;) {
    const needed = neededWith(plan, triggers)
    const unknown = needed.filter(index => !triggers.has(index) && imageNameOf(plan, index) !== undefined)
    if (needed.length > plan.target || unknown.length === 0) return needed
    for (const index of unknown) triggers.set(index, await triggersOf(plan, index))
  }
}

function neededWith(
  { dockerfile, stages, target, contexts }: StagePlan,
  triggers: ReadonlyMap<number, readonly Instruction[]>,
): readonly number[] {
  const needed = new Set<number>()
  const visit = (index: number): void => {
    const named = stages[index]
    if (named === undefined || needed.has(index)) return
    needed.add(index)
    const dependencies = dependenciesOf(stages, named, contexts, triggers.get(index) ?? [])
    for (const dependency of dependencies) visit(dependency)
  }
  visit(target)
  return dockerfile.stages.map(stage => stage.index).filter(index => needed.has(index))
}

/** The image from elsewhere that a stage begins with. */
function imageNameOf({ stages, contexts }: StagePlan, index: number): string | undefined {
  const image = stages[index]?.image ?? 'scratch'
  const context = contextNamed(contexts, image)
  if (context !== undefined) return 'image' in context ? context.image : undefined
  return image === 'scratch' || baseStage(stages, image, index) !== undefined ? undefined : image
}

async function triggersOf(plan: StagePlan, index: number): Promise<readonly Instruction[]> {
  const reference = imageNameOf(plan, index) ?? ''
  try {
    const image = await plan.imageOf(reference, index)
    return (image?.config.OnBuild ?? []).map(trigger => parseTrigger(trigger, reference))
  } catch (error) {
    const from = plan.stages[index]?.stage.from
    throw from === undefined ? error : placed(error, from.range)
  }
}
