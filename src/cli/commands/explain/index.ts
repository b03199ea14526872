import { openModel } from '../../../project/model.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { flag } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { explainTarget } from './explanation.ts'
import { explanationToJson } from './json.ts'
import { findTarget } from './target.ts'
import { renderExplanation } from './view.ts'

/** `tscompose explain`: loads the project and says where the values come from. */
export const command: Command = defineCommand({
  description:
    'Prints each value of a service, or of one key below it: where it is written, the variables in it and where each is ' +
    'set, what it overrode, and the rule behind what nobody wrote. It reads files and changes nothing.\n\n' +
    'A key is a path with dots: web.environment.DEBUG, web.ports[0].target or web.ports.0.target. A key that holds dots ' +
    'may be quoted in brackets: web.labels["a.b"]. A service that no profile enables can be explained, too.\n\n' +
    'Where no service has the name, the path starts at the top of the model: networks.front, volumes.data, name. ' +
    'services.web is the same as web.',
  options: { json: flag('--json', 'The values with their origins as JSON') },
  examples: [
    ['tscompose explain web', 'every value of web, one line each'],
    ['tscompose explain web.environment.DEBUG', 'which of .env, env_file, override and default won?'],
    ['tscompose explain web.image', 'where is that tag from?'],
    ['tscompose explain networks.default', 'what made this network, and its name?'],
    ['tscompose explain web --json', 'the same for scripts'],
  ],
  run: async (context, [target = ''], { json }) => {
    // What no service uses has origins, too.
    const project = await openModel(targetOf(context), { load: { allResources: true } })
    const explanation = explainTarget(findTarget(target, project), project)
    const { stdout } = context.streams
    stdout.write(
      json
        ? `${JSON.stringify(explanationToJson(explanation), null, 2)}\n`
        : renderExplanation(explanation, {
            color: useColor(context.globals, stdout, context.env),
            columns: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
            cwd: context.cwd,
          }),
    )
    return EXIT.ok
  },
})
