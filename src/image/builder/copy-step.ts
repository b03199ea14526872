import { posix } from 'node:path'
import type { TreeCopy } from '../layer/trees.ts'
import { addArchive } from './archive.ts'
import { type CopyInputs, itemsOf, makesFolder, planCopy } from './copy-plan.ts'
import { type CopyMatch, type CopySource, isUnpacked } from './copy-source.ts'
import type { CopyInstruction } from './dockerfile/instruction.ts'
import { finishCopy, keepAbove } from './finish-copy.ts'
import { copyText } from './history-text.ts'
import { type Making, runLayerStep, type StepKind } from './layer-step.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

const COPY: StepKind<CopyInputs> = {
  keyword: 'COPY',
  make: async making => {
    const layers = await making.tools.lease.folders(making.below)
    for (const source of making.inputs.sources) await copySource(making, layers, source)
    await keepAbove(making)
  },
}

/** COPY and ADD. */
export async function runCopyStep(
  run: BuildRun,
  state: StageState,
  instruction: CopyInstruction,
  expander: WordExpander,
): Promise<void> {
  const below = await mergedTreeOf(run.lease, state.diffIds)
  const inputs = await planCopy(run, state, below, instruction, expander)
  const alone = instruction.link ? { below: [] } : {}
  await runLayerStep(run, state, { kind: COPY, inputs, text: copyText(instruction, expander), ...alone })
}

async function copySource(
  making: Making<CopyInputs>,
  layers: readonly string[],
  source: CopySource,
): Promise<void> {
  const { inputs, tools } = making
  await source.bring?.value()
  const plain: CopyMatch[] = []
  for (const { value: match } of source.matches) {
    if (await isUnpacked(source, match)) await unpack(making, layers, match)
    else plain.push(match)
  }
  if (plain.length === 0) return
  const parts = plain.flatMap(match => match.parts ?? [])
  const whole = plain.filter(match => match.parts === undefined)
  const shells = parts.filter(({ isShell }) => isShell)
  const items = itemsOf(whole, inputs)
  await tools.trees.copy({
    ...copyBase(making, layers),
    ...(inputs.owner === undefined ? {} : { owner: inputs.owner }),
    source: source.root.value,
    folders: [
      ...(makesFolder(plain, inputs) ? [inputs.destination] : []),
      ...shells.map(({ to }) => posix.join(inputs.destination, to)),
    ],
    items: [
      ...items,
      ...parts
        .filter(({ isShell, stats }) => !isShell && !stats.isSymbolicLink())
        .map(({ from, to }) => ({ from, to: posix.join(inputs.destination, to) })),
    ],
  })
  await finishCopy(making, { source: source.tree.value, items, parts })
}

/** An archive goes into the destination, owners as it has them unless --chown says others, modes in any case (as with BuildKit). */
async function unpack(
  { tools, inputs, draft }: Making<CopyInputs>,
  layers: readonly string[],
  match: CopyMatch,
): Promise<void> {
  const { destination, owner, ownerIsGiven } = inputs
  await addArchive(tools.trees, match, {
    root: { type: 'layers', layers, upper: draft.upper, work: draft.work },
    path: destination,
    ...(ownerIsGiven && owner !== undefined ? { owner } : {}),
  })
}

function copyBase(
  { inputs: { mode }, draft }: Making<CopyInputs>,
  layers: readonly string[],
): Pick<TreeCopy, 'layers' | 'upper' | 'work' | 'mode'> {
  const { upper, work } = draft
  return { layers, upper, work, ...(mode?.kind === 'set' ? { mode: mode.mode } : {}) }
}
