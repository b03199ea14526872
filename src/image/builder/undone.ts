import type { CopyInstruction, Instruction, RunInstruction } from './dockerfile/instruction.ts'
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
  if (instruction.keyword === 'RUN') return undoneOfRun(instruction)
  return instruction.keyword === 'COPY' || instruction.keyword === 'ADD'
    ? undoneOfCopy(instruction)
    : undefined
}

function undoneOfRun({ insecure, devices, mounts }: RunInstruction): string | undefined {
  if (insecure) return '--security=insecure'
  if (devices.length > 0) return '--device'
  const fields = mounts.map(mountFields)
  if (fields.some(each => typeOfMount(each) === 'ssh')) return '--mount=type=ssh'
  const isFrom = fields.some(each => typeOfMount(each) === 'cache' && each.has('from'))
  return isFrom ? '--mount=type=cache,from=…' : undefined
}

function undoneOfCopy(instruction: CopyInstruction): string | undefined {
  const { checksum, keepGitDir, keyword, sources } = instruction
  if (checksum !== undefined) return '--checksum'
  if (keepGitDir) return '--keep-git-dir'
  const remote = keyword === 'ADD' ? sources.find(isRemote) : undefined
  return remote === undefined ? undefined : `of "${remote}"`
}

function isRemote(source: string): boolean {
  return /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source)
}
