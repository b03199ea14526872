import type { TreeCopy } from '../layer/trees.ts'
import type { LayerDraft } from '../store/layers.ts'
import { addArchive } from './archive.ts'
import { type CopyPlan, type CopySource, isUnpacked, itemsOf, makesFolder, planCopy } from './copy-plan.ts'
import type { CopyInstruction } from './dockerfile/instruction.ts'
import { runLayerStep } from './layer-step.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import type { SourceMatch } from './sources.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

/** COPY and ADD. */
export async function runCopyStep(
  run: BuildRun,
  state: StageState,
  instruction: CopyInstruction,
  expander: WordExpander,
): Promise<void> {
  const below = await mergedTreeOf(run.lease, state.diffIds)
  const plan = await planCopy(run, state, below, instruction, expander)
  const { sources, ...where } = plan
  await runLayerStep(run, state, {
    text: instruction.text,
    inputs: [instruction.keyword, where, sources.map(({ digests }) => digests)],
    make: async draft => {
      const layers = await run.lease.folders(state.diffIds)
      for (const source of sources) await copySource(run, instruction, plan, source, { layers, draft })
    },
  })
}

interface Target {
  readonly layers: readonly string[]
  readonly draft: LayerDraft
}

async function copySource(
  run: BuildRun,
  instruction: CopyInstruction,
  plan: CopyPlan,
  source: CopySource,
  target: Target,
): Promise<void> {
  const plain: SourceMatch[] = []
  for (const match of source.matches) {
    if (await isUnpacked(instruction, match)) await unpack(run, instruction, plan, match, target)
    else plain.push(match)
  }
  if (plain.length === 0) return
  await run.options.trees.copy({
    ...copyBase(plan, target),
    ...(plan.owner === undefined ? {} : { owner: plan.owner }),
    source: source.source,
    folders: makesFolder(plain, plan) ? [plan.destination] : [],
    items: itemsOf(plain, plan),
  })
}

/** An archive goes into the destination, owners as it has them unless --chown says others. */
async function unpack(
  run: BuildRun,
  { chown }: CopyInstruction,
  plan: CopyPlan,
  match: SourceMatch,
  { layers, draft }: Target,
): Promise<void> {
  await addArchive(run.options.trees, match, {
    root: { type: 'layers', layers, upper: draft.upper, work: draft.work },
    path: plan.destination,
    ...(chown === undefined || plan.owner === undefined ? {} : { owner: plan.owner }),
    ...(plan.mode === undefined ? {} : { mode: plan.mode }),
  })
}

function copyBase(
  { mode }: CopyPlan,
  { layers, draft }: Target,
): Pick<TreeCopy, 'layers' | 'upper' | 'work' | 'mode'> {
  return { layers, upper: draft.upper, work: draft.work, ...(mode === undefined ? {} : { mode }) }
}
