import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { hostPlatform } from '../../oci/platform.ts'
import type { ContainerConfig } from '../config.ts'
import { parseTrigger } from './dockerfile/parse.ts'
import { applyToConfig } from './metadata.ts'
import { StageState } from './state.ts'
import { expanderAt } from './variables.ts'

/** What `commit --change` and `import --change` take: what changes no file. */
const KEYWORDS: ReadonlySet<string> = new Set([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
])

/**
 * The config with Dockerfile instructions applied to it, a line each. Raises IMAGE_CHANGE_INVALID, and what the parser raises
 * of a line that is wrong.
 */
export function applyChanges(config: ContainerConfig, changes: readonly string[]): ContainerConfig {
  const state = StageState.from(0, { ...hostPlatform(), config, history: [], created: '' }, [])
  state.set(config)
  for (const line of changes.flatMap(text => text.split(/(?<!\\)\n/)).map(text => text.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const keyword = line.split(/\s/, 1).join('').toUpperCase()
    if (!KEYWORDS.has(keyword)) throw notAllowed(keyword)
    applyLine(state, line)
  }
  // Docker's changes do not say of a command how it was written, as its builder does.
  const { ArgsEscaped: _, ...changed } = state.config
  return config.ArgsEscaped === undefined ? changed : { ...changed, ArgsEscaped: config.ArgsEscaped }
}

function applyLine(state: StageState, line: string): void {
  const instruction = parseTrigger(line, 'change')
  const expander = expanderAt(instruction.range, '\\', name => state.lookup(name))
  switch (instruction.keyword) {
    case 'WORKDIR':
      state.set({ WorkingDir: posix.resolve(state.workingDir, expander.word(instruction.value)) })
      return
    case 'RUN':
    case 'COPY':
    case 'ADD':
    case 'ARG':
      throw notAllowed(instruction.keyword)
    default:
      applyToConfig(state, instruction, expander)
  }
}

function notAllowed(keyword: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'IMAGE_CHANGE_INVALID',
    summary: `${keyword} is not a valid change command`,
    hint: `changes are ${[...KEYWORDS].join(', ')}`,
  })
}
