import type { Flag, Instruction } from './instruction.ts'
import { type ParseInput, type Problem, problem } from './parse-flags.ts'
import { parseJsonList } from './words.ts'

/** Flags that the builder does not act on yet; said, never ignored in silence. */
const NOT_YET = ['parents', 'exclude', 'checksum', 'keep-git-dir', 'unpack']

/** COPY and ADD: sources, then the destination; JSON form or words without quotes. */
export function parseCopy({ base, line, flags, rest }: ParseInput): Instruction | Problem {
  const keyword = line.keyword === 'COPY' ? 'COPY' : 'ADD'
  const unsupported = flags.find(flag => NOT_YET.includes(flag.name))
  if (unsupported !== undefined) {
    return problem('DOCKERFILE_UNSUPPORTED', `${keyword} --${unsupported.name} is not supported yet`)
  }
  const words = parseJsonList(rest) ?? rest.split(/\s+/)
  const destination = words.at(-1)
  if (destination === undefined || words.length < 2) {
    return problem(
      'DOCKERFILE_ARGUMENTS',
      `${keyword} has no destination`,
      `write ${keyword} source… destination`,
    )
  }
  const sources = words.slice(0, -1).filter(word => !word.startsWith('<<'))
  const remote = keyword === 'ADD' ? sources.find(isRemote) : undefined
  if (remote !== undefined) {
    return problem(
      'DOCKERFILE_UNSUPPORTED',
      `ADD of "${remote}" is not supported yet`,
      'fetch it in a RUN step',
    )
  }
  return {
    ...base,
    keyword,
    sources,
    heredocs: line.heredocs,
    destination,
    ...flagValue(flags, 'from'),
    ...flagValue(flags, 'chown'),
    ...flagValue(flags, 'chmod'),
  }
}

function flagValue(
  flags: readonly Flag[],
  name: 'from' | 'chown' | 'chmod',
): Partial<Record<typeof name, string>> {
  const value = flags.find(flag => flag.name === name)?.value
  return value === undefined ? {} : { [name]: value }
}

function isRemote(source: string): boolean {
  return /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source)
}
