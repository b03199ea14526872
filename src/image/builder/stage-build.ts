import { runCopyStep } from './copy-step.ts'
import type { FromInstruction, Instruction, Stage } from './dockerfile/instruction.ts'
import { parseTrigger } from './dockerfile/parse.ts'
import { resolveFromImage } from './from-step.ts'
import { metadataText } from './history-text.ts'
import { applyMetadata } from './metadata.ts'
import { failureAt, placed } from './place.ts'
import type { BuildRun } from './run-state.ts'
import { runRunStep } from './run-step.ts'
import type { BuiltStage, StageState } from './state.ts'
import { expanderAt } from './variables.ts'
import { runWorkdirStep } from './workdir-step.ts'

/** Builds one stage; all that it needs is built. */
export async function buildStage(run: BuildRun, stage: Stage): Promise<BuiltStage> {
  const endFrom = beginStep(run, stage.from.text)
  const { state, triggers } = await at(stage.from, () => resolveFromImage(run, stage))
  endFrom(state)
  for (const trigger of triggers) {
    const instruction = parseTrigger(trigger, stage.from.image)
    run.emit({
      type: 'output',
      stream: 'stdout',
      text: `# Executing the trigger of ${stage.from.image}: ${trigger}\n`,
    })
    await at(stage.from, () => runInstruction(run, state, instruction))
  }
  for (const instruction of stage.instructions) {
    const end = beginStep(run, instruction.text)
    await at(instruction, () => runInstruction(run, state, instruction))
    end(state)
  }
  return { image: state.imageConfig(), args: state.args, done: state.done }
}

/** Does one instruction: one that changes files makes a layer, any other changes the config alone. */
async function runInstruction(
  run: BuildRun,
  state: StageState,
  instruction: Exclude<Instruction, FromInstruction>,
): Promise<void> {
  run.options.signal?.throwIfAborted()
  refuseUndone(instruction)
  const expander = expanderAt(instruction.range, run.escapeChar, name => state.lookup(name))
  switch (instruction.keyword) {
    case 'RUN':
      return runRunStep(run, state, instruction, expander)
    case 'COPY':
    case 'ADD':
      return runCopyStep(run, state, instruction, expander)
    case 'WORKDIR':
      return runWorkdirStep(run, state, instruction, expander)
    default:
      applyMetadata(run, state, instruction, expander)
      // A trigger is told where it is carried out.
      if (instruction.keyword === 'ONBUILD') return
      state.recordEmpty(metadataText(instruction, state, expander))
  }
}

async function at<T>(instruction: Instruction, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw placed(error, instruction.range)
  }
}

/** Tells that a step begins; what is returned tells that it has ended. */
function beginStep(run: BuildRun, text: string): (state: StageState) => void {
  run.progress.step += 1
  const { step, steps } = run.progress
  const begun = performance.now()
  run.emit({ type: 'step', step, steps, text: text.split('\n')[0] ?? text })
  return state => {
    const milliseconds = Math.round(performance.now() - begun)
    run.emit({ type: 'stepDone', step, id: state.id(), milliseconds })
  }
}

/** Raises DOCKERFILE_UNSUPPORTED for what is read and cannot be carried out: never ignored in silence. */
function refuseUndone(instruction: Instruction): void {
  if (instruction.keyword !== 'RUN' || instruction.devices.length === 0) return
  throw failureAt(instruction.range, {
    code: 'DOCKERFILE_UNSUPPORTED',
    summary: 'RUN --device is not supported yet',
  })
}
