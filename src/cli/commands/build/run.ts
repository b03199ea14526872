import { planBuild } from '../../../planner/index.ts'
import type { CommandModule, RawOptions } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { openSession, runPlan } from '../../session.ts'

export const run: CommandModule['run'] = async (context, services, raw) => {
  const session = await openSession(context, { services })
  await runPlan(session, () => planBuild(session.project, readOptions(services, raw, context.env)), {
    quietBuild: raw['quiet'] === true,
    whenEmpty: 'No service to build',
  })
  return EXIT.ok
}

function readOptions(
  services: readonly string[],
  raw: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
): Parameters<typeof planBuild>[1] {
  const given = Array.isArray(raw['buildArg']) ? raw['buildArg'].map(String) : []
  const args = Object.fromEntries(
    given.map(text => {
      const at = text.indexOf('=')
      return at < 0 ? [text, env[text] ?? null] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )
  return {
    services,
    withDependencies: raw['withDependencies'] === true,
    // What is not asked for here is as the file says.
    ...(raw['cache'] === false ? { noCache: true } : {}),
    ...(raw['pull'] === true ? { pull: true } : {}),
    args,
  }
}
