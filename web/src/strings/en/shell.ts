export const shell = {
  project: 'Project',
  newProject: 'New project …',
  manageProjects: 'Projects and members',
  shortcuts: 'Keyboard shortcuts',
  anywhere: 'Anywhere',
  goTo: (place: string) => `Go to ${place}`,
  everything: 'Everything',
  notices: (n: number) => (n ? `Notifications, ${n} unread` : 'Notifications'),
  actions: 'Actions',
  language: 'Deutsch',
  languageMore: 'Language',
  working: (n: number) => `${n} working`,
  cancelled: (title: string) => `“${title}” was stopped. What is done stays.`,
  goOn: 'Go on',
  done: (a: number, b: number) => `${a} of ${b}`,
  new: 'New',
  undone: 'Undone.',
}

export const roles = { owner: 'Owner', editor: 'Editor', viewer: 'Viewer', administrator: 'Administrator', member: 'Member' }
