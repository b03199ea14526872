import { closeSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createApiServer } from '../api/server/index.ts'
import { Failure, messageOf, renderDiagnostic, spans } from '../diagnostics/index.ts'
import { type EngineOptions, enginePaths, openEngine, openOwnGroup } from '../engine/index.ts'
import { createNative, type Native, traced } from '../native/index.ts'
import { BUILD_FILE, statePaths, TOLD_FILE } from '../project/state-paths.ts'
import { endWithNeed, Need } from './engine-end.ts'
import { CommandHost } from './host/command-host.ts'
import type { Hands } from './host/hands.ts'
import { readBuildTime, VERSION } from './version.ts'

/** The pipe on which the starting command waits for one word: `ready`, `held`, or why the engine cannot run. */
const STARTER_FD = 3

/** What this process has begun with. */
export interface Beginning {
  /** What runs this file runs those of threads and worker processes, too. */
  readonly script: string
  readonly build: string
  readonly hands: Hands
  /** Whether a launcher has begun it, for a command that is about to come. */
  readonly isAwaited: boolean
  readonly log: (text: string) => void
}

/** Opens the engine and wires it to the server of its API; the process ends where that fails. */
export async function startEngine(beginning: Beginning): Promise<void> {
  // The modes of what the engine makes are its own matter, not that of the shell whose command started it: with a strict
  // umask no user of a container but root could enter its root folder.
  process.umask(0o022)
  // Until whoever has started the engine fetches them.
  if (process.env['TSCOMPOSE_TRACE']) spans.record(performance)
  try {
    await main(beginning)
    spans.add('start of the engine', performance.timeOrigin * 1e3)
    tellStarter('ready')
  } catch (error) {
    const held = error instanceof Failure && error.code === 'ENGINE_RUNNING'
    if (!held) beginning.log(error instanceof Error ? (error.stack ?? error.message) : String(error))
    tellStarter(held ? 'held' : messageOf(error))
    process.exit(held ? 0 : 1)
  }
}

/** What the machine's settings say to the engine. */
function settingsOf(
  env: NodeJS.ProcessEnv,
): Pick<
  EngineOptions,
  'buildTime' | 'imagesMax' | 'userNamespaces' | 'keepPacked' | 'ownClocks' | 'localNames'
> {
  const buildTime = readBuildTime()
  return {
    ...(buildTime === undefined ? {} : { buildTime }),
    imagesMax: env['TSCOMPOSE_IMAGES_MAX'] ?? '',
    userNamespaces: env['TSCOMPOSE_USERNS'] ?? '',
    keepPacked: env['TSCOMPOSE_KEEP_PACKED'] ?? '',
    ownClocks: env['TSCOMPOSE_OWN_CLOCKS'] ?? '',
    localNames: env['TSCOMPOSE_LOCAL_NAMES'] ?? '',
  }
}

async function main({ script, build, hands, isAwaited, log }: Beginning): Promise<void> {
  const { root, run, socket } = statePaths(process.env)
  const host = new CommandHost({ build, run, hands, onTrouble: log })
  const group = openOwnGroup({ engineId: enginePaths(root, run).engineId })
  const ending = new AbortController()
  const native = traced(createNative())
  const entered = (): Promise<readonly string[]> => group.enter(() => native.spawner())
  const engine = await spans.during('open engine', () =>
    openEngine({
      root,
      run,
      native: inGroup(native, entered),
      version: VERSION,
      unpacker: script,
      ending: ending.signal,
      ...settingsOf(process.env),
      onWarning: warning => log(renderDiagnostic(warning)),
    }),
  )
  const need = new Need()
  const server = createApiServer(engine, {
    version: VERSION,
    onIdle: () => need.now(),
    onFailure: failure => log(messageOf(failure)),
  })
  // Whoever connects compares it with his own.
  writeFileSync(join(run, BUILD_FILE), build, { mode: 0o600 })
  rmSync(join(run, TOLD_FILE), { force: true })
  await server.listen({ path: socket })
  if (isAwaited) await host.listen()
  // When the starter has its word: the kernel makes whoever needs a control group wait meanwhile.
  setImmediate(async () => {
    if (!isAwaited) await host.listen()
    for (const refusal of await entered()) log(`the engine stays in its starter's control group: ${refusal}`)
  })
  endWithNeed({ engine, server, host, native, group, run, socket, ending }, need)
}

/** What stays is born where the spawner is, so none of it is started before that and the engine have moved. */
function inGroup(native: Native, entered: () => Promise<unknown>): Native {
  return {
    ...native,
    startMonitor: async program => {
      await entered()
      await native.startMonitor(program)
    },
    openRules: async onForeign => {
      await entered()
      return await native.openRules(onForeign)
    },
    openFront: async op => {
      await entered()
      return await native.openFront(op)
    },
  }
}

function tellStarter(word: string): void {
  try {
    writeSync(STARTER_FD, word)
    closeSync(STARTER_FD)
  } catch {
    // Started by hand, without the pipe, or the command that started us is gone: nobody waits for the word.
  }
}
