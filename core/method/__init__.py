"""The papers' rules as pure functions: emotions, grades, levels and the experiments. Nothing here touches a file or a device."""
