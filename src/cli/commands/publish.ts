import { Interrupted } from '../../project/failures.ts'
import type { PublishFindings } from '../../project/publish/findings.ts'
import { publish } from '../../project/publish/publish.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, flag, hidden } from '../option.ts'
import { targetOf } from '../target.ts'
import { confirm } from '../views/confirm.ts'
import { plainProgressOf, printDiagnostics, tellDryRun } from '../work.ts'

/** `tscompose publish`, and `alpha publish`. */
export const command: Command = defineCommand({
  description:
    'Publishes the files of the project, with those that they extend, as an artefact of a registry: -f oci://REPOSITORY reads it, here and ' +
    'with Docker Compose. Images that services build and name are pushed before.\n' +
    'Asks first where folders of this machine or what looks like a secret would be told.',
  options: {
    app: flag('--app', 'Copy the images into the repository, too, and pin them'),
    ociVersion: choice('--oci-version <version>', 'Form of the artefact (default 1.1)', ['1.0', '1.1']),
    resolveImageDigests: flag('--resolve-image-digests', 'Pin image tags to digests'),
    withEnv: flag('--with-env', 'Variables and their files may be told'),
    yes: flag('-y, --yes', 'Answer yes to every question'),
    insecureRegistry: hidden(flag('--insecure-registry', '')),
  },
  examples: [
    ['tscompose publish registry.example.com/shop:1', 'tscompose -f oci://registry.example.com/shop:1 up'],
  ],
  run: async (context, [repository = ''], { app, ociVersion, resolveImageDigests, withEnv, yes }) => {
    const { reference, digest, files, images } = await publish(targetOf(context), repository, {
      ...plainProgressOf(context),
      parallel: context.globals.parallel,
      onWarning: diagnostics => printDiagnostics(context, diagnostics),
      withEnvironment: withEnv,
      resolveImageDigests,
      withImages: app,
      ...(ociVersion === undefined ? {} : { ociVersion }),
      ...(yes ? {} : { approve: findings => ask(context, findings) }),
    })
    tellDryRun(context, [
      ...files.map(name => `publish ${name} in ${reference}`),
      ...images.map(name => `copy ${name} beside ${reference}`),
    ])
    if (digest !== undefined) context.streams.stdout.write(`${reference}@${digest}\n`)
    return EXIT.ok
  },
})

/** Anything but yes ends the command with 130. */
async function ask(context: CommandContext, { bindMounts, secrets }: PublishFindings): Promise<void> {
  const questions = [
    ['Folders of this machine would be told:', bindMounts],
    ['These look like secrets:', secrets],
  ] as const
  for (const [title, found] of questions) {
    if (found.length === 0) continue
    const lines = found.map(each => `  ${each}\n`).join('')
    if (!(await confirm(context, `${title}\n${lines}Publish them?`))) throw new Interrupted('refused')
  }
}
