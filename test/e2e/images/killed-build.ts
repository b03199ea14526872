import { BASE, makeImageLab } from './image-lab.ts'

// Argument: folder and engine id of a lab, and a command that does not end. Says a word when the command runs.
const [folder = '', engineId = '', command = ''] = process.argv.slice(2)
const lab = await makeImageLab({ folder, engineId })
await lab.build(`${BASE}RUN echo up && ${command}`, {
  onEvent: event => {
    if (event.type === 'output') process.stdout.write(event.text)
  },
})
