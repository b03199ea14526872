import type { Instruction, RunInstruction } from './dockerfile/instruction.ts'
import { mountFields, typeOfMount } from './dockerfile/mount-fields.ts'
import { failureAt } from './place.ts'

/** Raises DOCKERFILE_UNSUPPORTED for what is read and cannot be carried out: never ignored in silence. */
export function refuseUndone(instruction: Instruction): void {
  const what = undoneOf(instruction)
  if (what === undefined) return
  throw failureAt(instruction.range, {
    code: 'DOCKERFILE_UNSUPPORTED',
    summary: `${instruction.keyword} ${what} is not supported yet`,
  })
}

function undoneOf(instruction: Instruction): string | undefined {
  return instruction.keyword === 'RUN' ? undoneOfRun(instruction) : undefined
}

function undoneOfRun({ insecure, devices, mounts }: RunInstruction): string | undefined {
  if (insecure) return '--security=insecure'
  if (devices.length > 0) return '--device'
  const fields = mounts.map(mountFields)
  if (fields.some(each => typeOfMount(each) === 'ssh')) return '--mount=type=ssh'
  const isFrom = fields.some(each => typeOfMount(each) === 'cache' && each.has('from'))
  return isFrom ? '--mount=type=cache,from=…' : undefined
}
