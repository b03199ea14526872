import { heredocMark, joinMarks } from './heredocs.ts'
import type { CopyInstruction } from './instruction.ts'
import {
  type FlagKinds,
  flagIsOn,
  flagList,
  flagText,
  type ParseInput,
  type Problem,
  problem,
} from './parse-flags.ts'
import { parseJsonList, plainWords } from './words.ts'

const SHARED: FlagKinds = { chown: 'text', chmod: 'text', link: 'switch', parents: 'switch', exclude: 'list' }

/** What ADD brings from elsewhere, and COPY does not. */
const ADDRESS = /^(?:https?|git|ssh):\/\/|^[\w.-]+@[^:/]+:/

/** Flags of COPY. */
export const COPY_FLAGS: FlagKinds = { from: 'text', ...SHARED }

/** Flags of ADD. */
export const ADD_FLAGS: FlagKinds = {
  ...SHARED,
  checksum: 'text',
  'keep-git-dir': 'switch',
  unpack: 'switch',
}

/** COPY and ADD: sources, then the destination; JSON form or words without quotes. */
export function parseCopy({ base, line, flags, rest }: ParseInput): CopyInstruction | Problem {
  const keyword = line.keyword === 'COPY' ? 'COPY' : 'ADD'
  const list = parseJsonList(rest)
  const words = list ?? joinMarks(plainWords(rest))
  const destination = words.at(-1)
  if (destination === undefined || words.length < 2) {
    return problem(
      'DOCKERFILE_ARGUMENTS',
      `${keyword} has no destination`,
      `write ${keyword} source… destination`,
    )
  }
  const isMark = (word: string): boolean => list === undefined && heredocMark(word) !== undefined
  if (isMark(destination))
    return problem('DOCKERFILE_ARGUMENTS', `${keyword} has a heredoc for its destination`)
  const bad = line.heredocs.find(({ name }) => !isFileName(name))
  if (bad !== undefined)
    return problem('DOCKERFILE_HEREDOC', `heredoc "${bad.name}" cannot be the name of a file`)
  const address = keyword === 'COPY' ? words.slice(0, -1).find(word => ADDRESS.test(word)) : undefined
  if (address !== undefined)
    return problem(
      'DOCKERFILE_ARGUMENTS',
      `COPY cannot take "${address}" from the network`,
      'write ADD instead',
    )
  const from = flagText(flags, 'from')
  if (/\$./.test(from.from ?? ''))
    return problem(
      'DOCKERFILE_FLAG',
      `got --from=${from.from}, want a name without variables`,
      'name a stage by FROM with an ARG from before the first FROM, and copy from that',
    )
  const unpack = flags.some(flag => flag.name === 'unpack') ? { unpack: flagIsOn(flags, 'unpack') } : {}
  return {
    ...base,
    keyword,
    sources: words.slice(0, -1).filter(word => !isMark(word)),
    heredocs: line.heredocs,
    destination,
    ...from,
    ...flagText(flags, 'chown'),
    ...flagText(flags, 'chmod'),
    ...flagText(flags, 'checksum'),
    ...unpack,
    link: flagIsOn(flags, 'link'),
    parents: flagIsOn(flags, 'parents'),
    keepGitDir: flagIsOn(flags, 'keep-git-dir'),
    exclude: flagList(flags, 'exclude'),
  }
}

/** A heredoc becomes a file of its name, in a folder of its own. */
function isFileName(name: string): boolean {
  return name !== '.' && name !== '..' && !name.includes('/')
}
