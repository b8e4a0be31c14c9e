"""What can be measured: labelled sets, needles, answers, latency. Strangers to one another; run.py knows them."""
