"""Other ways to search that Cascade is compared with: whole engines (`resolve`) and the parts of engines (`parts`)."""
