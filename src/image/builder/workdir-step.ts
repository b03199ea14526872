import { posix } from 'node:path'
import type { WorkdirInstruction } from './dockerfile/instruction.ts'
import { runLayerStep, type StepKind } from './layer-step.ts'
import { type Owner, resolveOwner } from './owner.ts'
import { failureAt } from './place.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

interface WorkdirInputs {
  readonly destination: string
  readonly owner: Owner
}

const WORKDIR: StepKind<WorkdirInputs> = {
  keyword: 'WORKDIR',
  make: async ({ tools, inputs: { destination, owner }, below, draft: { upper, work } }) => {
    const layers = await tools.lease.folders(below)
    await tools.trees.copy({ layers, upper, work, folders: [destination], items: [], owner })
  },
}

/** WORKDIR: sets the folder, and makes it when the layers below do not have it. */
export async function runWorkdirStep(
  run: BuildRun,
  state: StageState,
  instruction: WorkdirInstruction,
  expander: WordExpander,
): Promise<void> {
  const written = expander.word(instruction.value)
  const path = posix.resolve(state.workingDir, written)
  const below = await mergedTreeOf(run.lease, state.diffIds)
  const existing = await below.find(path)
  if (existing !== undefined && !existing.stats.isDirectory()) {
    throw failureAt(instruction.range, {
      code: 'WORKDIR_NOT_FOLDER',
      summary: `"${path}" is not a folder in the image`,
    })
  }
  state.set({ WorkingDir: path })
  // An absolute path is told as it is written, as BuildKit does.
  const text = `WORKDIR ${written.startsWith('/') ? written : path}`
  if (existing !== undefined) {
    state.recordEmpty(text)
    return
  }
  const user = state.config.User ?? ''
  // The image may be meant for one who is made later: RUN will say what it lacks.
  const owner = await resolveOwner(below, user, ({ code, message }) =>
    run.emit({ type: 'warning', code, text: `WORKDIR ${path}: ${message}` }),
  )
  const inputs = { destination: await below.resolve(path), owner }
  await runLayerStep(run, state, { kind: WORKDIR, inputs, text })
}
