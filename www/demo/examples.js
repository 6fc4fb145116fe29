// Each example is two files: a labeling config and a task.
const example = (id, title) => ({
  id,
  title,
  config: `./examples/${id}/config.xml`,
  task: `./examples/${id}/task.json`,
});

export const EXAMPLES = [
  example("video-time-series", "Video and time series"),
  example("image", "Image"),
  example("text", "Text"),
  example("choices", "Choices"),
];
