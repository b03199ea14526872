import { failure } from '../../diagnostics/index.ts'
import { pickContainer } from '../../project/containers.ts'
import { connectEngine } from '../../project/engine.ts'
import { explainMissing } from '../../project/missing-service.ts'
import { resolveProject } from '../../project/project-name.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { renderPorts } from './ps/view.ts'

/** `tscompose port`. */
export const command: Command = defineCommand({
  description: "Prints the host's address and port for a port of a service, as ADDRESS:PORT.",
  options: {
    protocol: choice('--protocol <protocol>', 'tcp or udp', ['tcp', 'udp']),
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose port web 80', '0.0.0.0:8080']],
  run: async (context, args, { protocol: asked, index }) => {
    const [service = '', text = ''] = args
    const [number = '', slashed] = text.split('/')
    const protocol = asked ?? slashed ?? 'tcp'
    const { name } = await resolveProject(targetOf(context))
    const docker = await connectEngine(context.env)
    const container = await pickContainer(docker, name, service, index).catch(cause =>
      explainMissing(targetOf(context), service, cause),
    )
    const port = container.Ports.find(
      candidate =>
        candidate.PrivatePort === Number(number) &&
        candidate.Type === protocol &&
        candidate.PublicPort !== undefined,
    )
    if (port === undefined)
      throw failure({
        code: 'PORT_NOT_PUBLISHED',
        kind: 'notFound',
        summary: `service "${service}" does not publish port ${number}/${protocol}`,
        hint: `its ports: ${renderPorts(container.Ports) || 'none'}`,
      })
    const address = port.IP?.includes(':') ? `[${port.IP}]` : port.IP
    context.streams.stdout.write(`${address}:${port.PublicPort}\n`)
    return EXIT.ok
  },
})
