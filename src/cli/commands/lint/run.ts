import { type Diagnostic, failure } from '../../../diagnostics/index.ts'
import { LINT_RULES, lint } from '../../../lint/index.ts'
import type { Project } from '../../../model/index.ts'
import { foreseeProject } from '../../../project/foresee.ts'
import { loadModel } from '../../../project/model.ts'
import { serviceNames } from '../../../project/project-name.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { targetOf } from '../../target.ts'
import type { LintFlags } from './options.ts'
import { renderGithub } from './views/github.ts'
import { renderFindings, renderRules } from './views/json.ts'
import { renderSarif } from './views/sarif.ts'
import { renderText, rulesTable } from './views/text.ts'

/** Exit status when there is something as bad as `--fail-on` says. */
const FOUND = 2

/** `tscompose lint`: errors of the loader, or what the rules find in a project that has none. */
export async function runLint(
  context: CommandContext,
  services: readonly string[],
  flags: LintFlags,
): Promise<number> {
  const { stdout } = context.streams
  if (flags.rules) {
    stdout.write(flags.format === 'json' ? renderRules(LINT_RULES) : rulesTable(LINT_RULES))
    return EXIT.ok
  }
  // Everything is kept, so that what no service uses can be told.
  const { project, diagnostics, sources } = await loadModel(targetOf(context), {
    load: { allResources: true },
  })
  if (project) checkNames(project, services)
  const found = project
    ? lint(project, {
        services,
        ignore: flags.ignore,
        sources,
        diagnostics,
        foreseen: await foreseeProject(project),
      })
    : diagnostics
  const shown = found.filter(({ severity }) => severity !== 'note' || !flags.quiet)
  stdout.write(render(shown, { ...flags, all: flags.all || services.length > 0 }, context, sources))
  return exitStatus(found, flags)
}

function checkNames(project: Project, services: readonly string[]): void {
  const known = serviceNames(project)
  for (const name of services)
    if (!known.includes(name))
      throw failure({
        code: 'NO_SUCH_SERVICE',
        kind: 'notFound',
        summary: `no such service: ${name}`,
      })
}

function render(
  found: readonly Diagnostic[],
  { format, all }: LintFlags,
  context: CommandContext,
  sources: ReadonlyMap<string, string>,
): string {
  switch (format) {
    case 'json':
      return renderFindings(found)
    case 'github':
      return renderGithub(found, context.env['GITHUB_WORKSPACE'] ?? context.cwd)
    case 'sarif':
      return renderSarif(found, LINT_RULES, context.cwd)
    case 'text': {
      const color = useColor(context.globals, context.streams.stdout, context.env)
      return renderText(found, { all, color, sourceOf: file => sources.get(file) })
    }
  }
}

function exitStatus(found: readonly Diagnostic[], { failOn }: LintFlags): number {
  const has = (severity: Diagnostic['severity']): boolean => found.some(each => each.severity === severity)
  if (has('error')) return EXIT.failure
  if (failOn === undefined) return EXIT.ok
  return has('warning') || (failOn === 'note' && has('note')) ? FOUND : EXIT.ok
}
