import { failure } from '../../../diagnostics/index.ts'
import { config } from '../../../project/config.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, number } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { renderGraph } from './graphviz.ts'

/** `tscompose alpha viz`. */
export const command: Command = defineCommand({
  description: 'Prints which service depends on which, in the language of graphviz. Needs no engine.',
  options: {
    image: flag('--image', 'With the name of each image'),
    networks: flag('--networks', 'With the networks of each service'),
    ports: flag('--ports', 'With the published ports'),
    indentation: number('--indentation-size <number>', 'Tabs or blanks in front of a line (default 1)'),
    spaces: flag('--spaces', 'Blanks instead of tabs'),
  },
  examples: [['tscompose alpha viz --ports | dot -Tsvg > project.svg', 'as a picture']],
  run: async (context, services, { image, networks, ports, indentation = 1, spaces }) => {
    if (indentation < 0)
      throw failure({
        code: 'FLAG_VALUE',
        kind: 'invalidArgument',
        summary: `--indentation-size: got ${indentation}, want 0 or more`,
      })
    const project = await config(targetOf(context), { services })
    const indent = (spaces ? ' ' : '\t').repeat(indentation)
    context.streams.stdout.write(renderGraph(project, { image, networks, ports, indent }))
    return EXIT.ok
  },
})
