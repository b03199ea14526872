import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Docker } from '../../../../src/client/index.ts'
import { Failure } from '../../../../src/diagnostics/index.ts'
import { normalize } from './normalize.ts'
import type { Answer, Call, Case } from './transcript.ts'

/** Longer than any call of a case takes on a loaded machine; a call that hangs is killed and has status 124. */
const CALL_LIMIT = 60_000

const FORCED = { recursive: true, force: true, maxRetries: 3 } as const

/** An engine, and the docker CLI that speaks to it. */
export interface Stage {
  readonly socketPath: string
  readonly cli: string
  /** For variables and the client's own settings. */
  readonly env?: Readonly<Record<string, string>>
}

/** Plays a case: the answers of its calls, without those of its preparations. What it made is removed, whatever happens. */
export async function play(stage: Stage, each: Case): Promise<Answer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-calls-'))
  const client = new Docker({ socketPath: stage.socketPath })
  let before: Inventory | undefined
  try {
    before = await inventory(client)
    mkdirSync(join(folder, 'bin'))
    mkdirSync(join(folder, 'work'))
    symlinkSync(stage.cli, join(folder, 'bin', 'docker'))
    const answers: Answer[] = []
    for (const call of each.calls) {
      const answer = await playCall(stage, folder, each, call)
      if (!call.prepares) answers.push(answer)
      else if (answer.status !== 0)
        throw new Error(`${each.title}: preparing failed: ${call.command}\n${answer.stderr.join('\n')}`)
    }
    return answers
  } finally {
    // First, and again after what wrote to it is gone: what cannot be removed from the engine must not leave a folder here.
    rmSync(folder, FORCED)
    try {
      if (before !== undefined) await removeNew(client, before)
    } finally {
      client.modem.destroy()
      rmSync(folder, FORCED)
    }
  }
}

async function playCall(stage: Stage, folder: string, each: Case, call: Call): Promise<Answer> {
  const cwd = join(folder, 'work')
  const env = {
    ...{ HOME: folder, DOCKER_CONFIG: join(folder, 'config'), DOCKER_BUILDKIT: '0', LC_ALL: 'C', TZ: 'UTC' },
    ...stage.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    DOCKER_HOST: `unix://${stage.socketPath}`,
  }
  const child = spawn('timeout', ['-k', '1', String(CALL_LIMIT / 1000), 'sh', '-c', call.command], {
    cwd,
    env,
  })
  const output = { stdout: '', stderr: '' }
  child.stdin.end()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 128))
  })
  return normalize(each, cwd, { status, ...output })
}

/** Networks that nobody made, nor can remove. */
const PREDEFINED: readonly string[] = ['bridge', 'host', 'none']

interface Inventory {
  readonly containers: ReadonlySet<string>
  readonly images: ReadonlySet<string>
  readonly networks: ReadonlySet<string>
  readonly volumes: ReadonlySet<string>
}

async function inventory(client: Docker): Promise<Inventory> {
  const [containers, images, networks, { Volumes }] = await Promise.all([
    client.listContainers({ all: true }),
    client.listImages(),
    client.listNetworks(),
    client.listVolumes(),
  ])
  return {
    containers: new Set(containers.map(({ Id }) => Id)),
    images: new Set(images.flatMap(({ Id, RepoTags }) => [Id, ...(RepoTags ?? [])])),
    networks: new Set(networks.flatMap(({ Id, Name }) => (PREDEFINED.includes(Name) ? [] : [Id]))),
    volumes: new Set((Volumes ?? []).map(({ Name }) => Name)),
  }
}

/** Removes what was not there before: the engine may be somebody's. */
async function removeNew(client: Docker, before: Inventory): Promise<void> {
  const after = await inventory(client)
  const fresh = (kind: keyof Inventory): string[] => [...after[kind]].filter(id => !before[kind].has(id))
  for (const id of fresh('containers'))
    await removed(client.getContainer(id).remove({ force: true, v: true }))
  for (const id of fresh('networks')) await removed(client.getNetwork(id).remove())
  for (const name of fresh('volumes')) await removed(client.getVolume(name).remove())
  for (const id of fresh('images').toReversed()) await removed(client.getImage(id).remove({ force: true }))
}

/** It may have gone by itself: a container that removes itself, an id with its last name. */
async function removed(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'notFound')) throw error
  }
}
