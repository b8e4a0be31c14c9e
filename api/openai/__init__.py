"""The doors that speak OpenAI's API: any of its clients has a corpus, or a prompt of any length, in its window."""
