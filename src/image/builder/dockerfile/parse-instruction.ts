import { nearest } from '../../../diagnostics/nearest.ts'
import { commandOf } from './command.ts'
import { heredocMark } from './heredocs.ts'
import type { Assignment, Command, Instruction } from './instruction.ts'
import type { LogicalLine } from './lex.ts'
import { mountProblem } from './mount-fields.ts'
import { ADD_FLAGS, COPY_FLAGS, parseCopy } from './parse-copy.ts'
import {
  type FlagKinds,
  flagList,
  flagText,
  type ParseInput,
  type Problem,
  problem,
  takeFlags,
  wrongFlag,
} from './parse-flags.ts'
import { HEALTH_FLAGS, parseHealthcheck } from './parse-healthcheck.ts'
import { parseJsonList, plainWords, SPACES, splitWords } from './words.ts'

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/
const RUN_NETWORKS = new Set(['default', 'none', 'host'])
/** Instructions that may stand alone: they say an empty command. */
const MAY_BE_EMPTY = new Set(['RUN', 'CMD', 'ENTRYPOINT'])
/** Instructions whose words are told apart in a trigger, too. */
const SPLIT_EARLY = new Set(['ENV', 'LABEL', 'RUN', 'CMD', 'ENTRYPOINT', 'SHELL', 'VOLUME'])
const NONE: FlagKinds = {}
/** `NAME rest of the line`. */
const OLD_FORM = new RegExp(`^([^${SPACES}]+)[${SPACES}]+(.*)$`, 's')

type Parser = (input: ParseInput) => Instruction | Problem

const PARSERS: Readonly<Record<string, { readonly flags: FlagKinds; readonly parse: Parser }>> = {
  FROM: { flags: { platform: 'text' }, parse: parseFrom },
  ARG: { flags: NONE, parse: parseArg },
  ENV: { flags: NONE, parse: parseAssign },
  LABEL: { flags: NONE, parse: parseAssign },
  RUN: { flags: { mount: 'list', network: 'text', security: 'text', device: 'list' }, parse: parseRun },
  COPY: { flags: COPY_FLAGS, parse: parseCopy },
  ADD: { flags: ADD_FLAGS, parse: parseCopy },
  CMD: { flags: NONE, parse: parseCommand },
  ENTRYPOINT: { flags: NONE, parse: parseCommand },
  SHELL: { flags: NONE, parse: parseShell },
  WORKDIR: { flags: NONE, parse: parseWorkdir },
  USER: { flags: NONE, parse: parseWord },
  STOPSIGNAL: { flags: NONE, parse: parseWord },
  MAINTAINER: { flags: NONE, parse: parseWord },
  EXPOSE: { flags: NONE, parse: parseList },
  VOLUME: { flags: NONE, parse: parseList },
  HEALTHCHECK: { flags: HEALTH_FLAGS, parse: parseHealthcheck },
  ONBUILD: { flags: NONE, parse: parseOnbuild },
}

/** Parses one instruction, or says what is wrong with it. */
export function parseInstruction(line: LogicalLine, escapeChar: string): Instruction | Problem {
  const entry = PARSERS[line.keyword]
  if (entry === undefined || !Object.hasOwn(PARSERS, line.keyword)) return unknownInstruction(line.keyword)
  const { flags, rest } = takeFlags(line.rest)
  const wrong = wrongFlag(line.keyword, flags, entry.flags)
  if (wrong !== undefined) return wrong
  if (rest === '' && !MAY_BE_EMPTY.has(line.keyword))
    return problem('DOCKERFILE_ARGUMENTS', `${line.keyword} has no arguments`)
  const { range, written, comments, hasEmptyLine } = line
  const text = `${line.keyword} ${line.rest}`.trimEnd()
  try {
    return entry.parse({
      base: { range, text, written, comments, hasEmptyLine },
      line,
      flags,
      rest,
      escapeChar,
    })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return problem('DOCKERFILE_ARGUMENTS', `got "${rest}": ${error.message}`)
  }
}

function parseFrom({ base, flags, rest }: ParseInput): Instruction | Problem {
  const words = plainWords(rest)
  const [image = '', as, name] = words
  const named = words.length === 3 && as?.toLowerCase() === 'as'
  if (words.length !== 1 && !named)
    return problem('DOCKERFILE_FROM', `got "FROM ${rest}", want FROM image [AS name]`)
  const stage = name?.toLowerCase()
  if (stage !== undefined && !STAGE_NAME.test(stage)) {
    return problem(
      'DOCKERFILE_STAGE_NAME',
      `stage name "${name}" is invalid`,
      'use a letter, then letters, digits, - _ .',
    )
  }
  const platform = flags.find(flag => flag.name === 'platform')?.value
  return {
    ...base,
    keyword: 'FROM',
    image,
    ...(platform === undefined ? {} : { platform }),
    ...(stage === undefined || as === undefined || name === undefined
      ? {}
      : { name: stage, as: { keyword: as, name } }),
  }
}

function parseArg({ base, rest, escapeChar }: ParseInput): Instruction | Problem {
  const assignments = splitWords(rest, escapeChar).map(assignmentOf)
  if (assignments.some(({ name }) => name === '')) return problem('DOCKERFILE_ARG', 'ARG has an empty name')
  return { ...base, keyword: 'ARG', assignments }
}

/** ENV and LABEL: `a=1 b="2 3"`, or the old `a rest of the line`. */
function parseAssign({ base, line, rest, escapeChar }: ParseInput): Instruction | Problem {
  const keyword = line.keyword === 'ENV' ? 'ENV' : 'LABEL'
  const words = splitWords(rest, escapeChar)
  if (!words[0]?.includes('=')) {
    const [, name = '', value] = OLD_FORM.exec(rest) ?? []
    if (value === undefined)
      return problem('DOCKERFILE_ARGUMENTS', `${keyword} "${rest}" has no value`, 'write name=value')
    return { ...base, keyword, assignments: [{ name, value }], isOldForm: true }
  }
  const bare = words.find(word => !word.includes('='))
  if (bare !== undefined) {
    return problem('DOCKERFILE_ARGUMENTS', `got "${bare}", want name=value`, 'quote a value that has spaces')
  }
  const assignments = words.map(assignmentOf).map(({ name, value }) => ({ name, value: value ?? '' }))
  if (assignments.some(({ name }) => name === ''))
    return problem('DOCKERFILE_ARGUMENTS', `${keyword} has an empty name`)
  return { ...base, keyword, assignments, isOldForm: false }
}

function assignmentOf(word: string): Assignment {
  const equals = word.indexOf('=')
  return equals === -1 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
}

function parseRun({ base, line, flags, rest }: ParseInput): Instruction | Problem {
  const { security = 'sandbox' } = flagText(flags, 'security')
  const network = flags.find(({ name }) => name === 'network')?.value
  if (security !== 'sandbox' && security !== 'insecure')
    return problem('DOCKERFILE_FLAG', `got --security=${security}, want sandbox or insecure`)
  if (network !== undefined && !RUN_NETWORKS.has(network))
    return problem('DOCKERFILE_FLAG', `got --network=${network}, want default, none or host`)
  const mounts = flagList(flags, 'mount')
  const wrongMount = mounts.map(mountProblem).find(found => found !== undefined)
  if (wrongMount !== undefined) return problem('DOCKERFILE_MOUNT', wrongMount)
  const alone = line.heredocs.length === 1 && heredocMark(rest) !== undefined
  const script = alone ? line.heredocs[0] : undefined
  const shellLine = [rest, ...line.heredocs.map(({ name, content }) => `${content}${name}`)].join('\n')
  const command: Command = line.heredocs.length > 0 ? { form: 'shell', line: shellLine } : commandOf(rest)
  return {
    ...base,
    keyword: 'RUN',
    command,
    mounts,
    insecure: security === 'insecure',
    devices: flagList(flags, 'device'),
    ...(network === undefined ? {} : { network }),
    ...(script === undefined ? {} : { script: script.content, scriptName: script.name }),
  }
}

function parseCommand({ base, line, rest }: ParseInput): Instruction | Problem {
  return { ...base, keyword: line.keyword === 'CMD' ? 'CMD' : 'ENTRYPOINT', command: commandOf(rest) }
}

function parseShell({ base, rest }: ParseInput): Instruction | Problem {
  const argv = parseJsonList(rest)
  if (argv === undefined || argv.length === 0) {
    return problem(
      'DOCKERFILE_SHELL',
      `got SHELL ${rest}, want a JSON list`,
      'write SHELL ["/bin/bash", "-c"]',
    )
  }
  return { ...base, keyword: 'SHELL', argv }
}

function parseWord({ base, line, rest }: ParseInput): Instruction | Problem {
  const keyword = line.keyword as 'USER' | 'STOPSIGNAL' | 'MAINTAINER'
  return { ...base, keyword, value: rest }
}

function parseWorkdir({ base, rest }: ParseInput): Instruction | Problem {
  return { ...base, keyword: 'WORKDIR', value: rest }
}

function parseList({ base, line, rest }: ParseInput): Instruction | Problem {
  const keyword = line.keyword === 'EXPOSE' ? 'EXPOSE' : 'VOLUME'
  const values = (keyword === 'VOLUME' ? parseJsonList(rest) : undefined) ?? plainWords(rest)
  if (values.length === 0) return problem('DOCKERFILE_ARGUMENTS', `${keyword} has no arguments`)
  if (keyword === 'VOLUME' && values.some(value => value.trim() === ''))
    return problem('DOCKERFILE_VOLUME', 'VOLUME has an empty path')
  return { ...base, keyword, values: values.map(value => value.trim()) }
}

/** What a trigger says is read when it is run; that it cannot be read is noted here. */
function parseOnbuild({ base, rest, escapeChar, line }: ParseInput): Instruction | Problem {
  const [, keyword = '', arguments_ = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  const upper = keyword.toUpperCase()
  if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(upper)) {
    return problem('DOCKERFILE_ONBUILD', `${upper} cannot be a trigger of ONBUILD`)
  }
  const inner = parseInstruction({ ...line, keyword: upper, rest: arguments_ }, escapeChar)
  // Words that cannot be told apart are wrong in any image; the rest may suit a builder to come.
  if ('code' in inner && inner.code === 'DOCKERFILE_ARGUMENTS' && arguments_ !== '' && SPLIT_EARLY.has(upper))
    return inner
  const trigger = [rest, ...line.heredocs.map(({ name, content }) => `${content}${name}`)].join('\n')
  if (!('keyword' in inner)) return { ...base, keyword: 'ONBUILD', trigger, flaw: inner }
  return { ...base, keyword: 'ONBUILD', trigger, instruction: inner }
}

function unknownInstruction(keyword: string): Problem {
  const known = Object.keys(PARSERS)
  const close =
    nearest(keyword, known) ??
    known.find(name => name.startsWith(keyword.slice(0, 3)) || name.endsWith(keyword.slice(-3)))
  return problem(
    'DOCKERFILE_INSTRUCTION',
    `instruction "${keyword}" is unknown`,
    close === undefined ? `one of ${known.join(', ')}` : `did you mean ${close}?`,
    { keyword },
  )
}
