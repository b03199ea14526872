import { Failure } from '../../../diagnostics/index.ts'
import type { Stack } from '../convert/convert.ts'
import type { StackFile } from '../convert/files.ts'
import { STACK_LABEL } from '../convert/names.ts'
import type { ObservedStack } from '../plan/observed.ts'
import { CONTENT_LABEL, contentLabel, versionsOf } from '../plan/versions.ts'
import type { SwarmEngine } from './engine.ts'

/** What the swarm has of a stack, and of what others have that its file names. */
export async function observeStack(
  engine: SwarmEngine,
  name: string,
  files: readonly StackFile[] = [],
): Promise<ObservedStack> {
  const filters = { label: [`${STACK_LABEL}=${name}`] }
  // Contents of configs come along: those of others are not asked for.
  const named = files.filter(({ kind }) => kind === 'config').map(({ name: each }) => each)
  const [services, networks, configs, others, secrets] = await Promise.all([
    engine.listServices({ filters, status: true }),
    engine.listNetworks({}),
    engine.listConfigs({ filters }),
    named.length === 0 ? [] : engine.listConfigs({ filters: { name: named } }),
    engine.listSecrets({}),
  ])
  const known = new Set(configs.map(({ ID }) => ID))
  const byName = (a: string | undefined, b: string | undefined): number => ((a ?? '') < (b ?? '') ? -1 : 1)
  return {
    name,
    services: [...services].sort((a, b) => byName(a.Spec.Name, b.Spec.Name)),
    networks: [...networks].sort((a, b) => byName(a.Name, b.Name)),
    configs: [...configs, ...others.filter(({ ID }) => !known.has(ID))],
    secrets,
  }
}

/**
 * Has the manager compare secrets that others made with those of the file, by ids: it takes the same content again and refuses any
 * other. What is the same is labelled, so that the next look need not ask.
 */
export async function proveSecrets(
  engine: SwarmEngine,
  { files }: Stack,
  observed: ObservedStack,
  makeKey: () => string,
): Promise<ReadonlyMap<string, boolean>> {
  const proven = new Map<string, boolean>()
  for (const { file, kept, isUnproven } of versionsOf(files, observed, proven)) {
    if (isUnproven !== true || kept === undefined || file.data === undefined) continue
    const { Name, Labels, Templating } = kept.Spec
    try {
      await engine.getSecret(kept.ID).update({
        version: String(kept.Version.Index),
        Name,
        Labels: { ...Labels, [CONTENT_LABEL]: contentLabel(file.data, makeKey()) },
        Data: Buffer.from(file.data).toString('base64'),
        ...(Templating === undefined ? {} : { Templating }),
      })
      proven.set(kept.ID, true)
    } catch (error) {
      if (!(error instanceof Failure) || !/only updates to labels/i.test(error.message)) throw error
      proven.set(kept.ID, false)
    }
  }
  return proven
}
